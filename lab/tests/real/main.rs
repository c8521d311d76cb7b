//! Real services and a real broker: the whole stack as people run it, and with other parts than the default.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start. Tests that need Apache
//! Kafka or PostgreSQL are skipped where it is not installed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod bench;
mod client;
mod cluster;
mod consumers;
mod described;
mod faults;
mod full_disk;
mod guarantee;
mod metrics;
mod overload;
mod postgres;
mod reader;
mod secured;
mod seed;
mod without_broker;

use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use lab::run::broker::{BrokerChoice, choose, find_installed};
use lab::run::postgres::NotInstalled;
use lab::run::stack::{Config, Stack};
use runtime::testing::skipped;
use tempfile::TempDir;
use tokio::sync::{RwLock, RwLockWriteGuard};

/// One stack after the other, or they would delay each other. Only the two tests of faults share their time.
static TURN: RwLock<()> = RwLock::const_new(());

/// Whether Apache Kafka is not installed; then a line names the lack.
fn lacks_apache() -> bool {
    let lack = choose(&BrokerChoice::Apache, &find_installed(), None).err();
    lack.iter().for_each(skipped);
    lack.is_some()
}

/// A running stack, alone on this machine.
struct Real {
    stack: Stack,
    config: Config,
    data: TempDir,
    _turn: RwLockWriteGuard<'static, ()>,
}

impl Real {
    /// Starts the default stack with these changes; none if that needs a PostgreSQL server and none is installed.
    async fn start(change: impl FnOnce(Config) -> Config) -> Option<Self> {
        let turn = TURN.write().await;
        // The user postgres must be able to open it.
        let open = PermissionsExt::from_mode(0o755);
        let data = tempfile::Builder::new().permissions(open).tempdir().unwrap();
        let config = change(Config::new(data.path()));
        let began = Instant::now();
        let stack = match Stack::start(config.clone()).await {
            Err(lack) if lack.is::<NotInstalled>() => {
                skipped(lack);
                return None;
            }
            stack => stack.unwrap(),
        };
        eprintln!("up after {:.1} s", began.elapsed().as_secs_f32());
        Some(Self { stack, config, data, _turn: turn })
    }
}
