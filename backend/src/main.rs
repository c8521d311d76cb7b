//! The backend's program: [`backend::app::run`] with the configuration, until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use backend::{app, config::Config};
use runtime::service::{self, stop_signal};

#[tokio::main]
async fn main() -> ExitCode {
    let app = |config, listener| app::run(config, listener, stop_signal());
    service::program("backend", |config: &Config| (&config.common, [config.keys.secret(), config.peers.secret()]), app)
        .await
}
