//! The mailer's program: [`mailer::app::run`] with the configuration, until SIGTERM or Ctrl-C.

use std::process::ExitCode;

use mailer::{app, config::Config};
use runtime::service::{self, stop_signal};

#[tokio::main]
async fn main() -> ExitCode {
    let app = |config, listener| app::run(config, listener, stop_signal());
    service::program("mailer", |config: &Config| (&config.common, [config.peers.secret()]), app).await
}
