//! The mailer's program: configuration, then [`mailer::app::run`] until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use mailer::{app, config::Config};

#[tokio::main]
async fn main() -> ExitCode {
    match runtime::config::parse::<Config>() {
        Ok(config) => {
            let common = config.common.clone();
            let app = |listener| app::run(config, listener, runtime::service::stop_signal());
            runtime::service::main("mailer", common, app).await
        }
        Err(code) => code,
    }
}
