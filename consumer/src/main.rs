//! The consumer's program: configuration, then [`consumer::app::run`] until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use consumer::{app, config::Config};

#[tokio::main]
async fn main() -> ExitCode {
    match runtime::config::parse::<Config>() {
        Ok(config) => {
            let common = config.common.clone();
            let app = |listener| app::run(config, listener, runtime::service::stop_signal());
            runtime::service::main("consumer", common, app).await
        }
        Err(code) => code,
    }
}
