//! The backend's program: configuration, then [`backend::app::run`] until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use backend::{app, config::Config};

#[tokio::main]
async fn main() -> ExitCode {
    match runtime::config::parse::<Config>() {
        Ok(config) => {
            let common = config.common.clone();
            let app = |listener| app::run(config, listener, runtime::service::stop_signal());
            runtime::service::main("backend", common, app).await
        }
        Err(code) => code,
    }
}
