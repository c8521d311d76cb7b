//! The configuration of a stack.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use domain::{ByRoute, Guarantee};
use runtime::injected_bug::InjectedBug;

use super::kafka_clients::KafkaClients;
use crate::run::broker::BrokerChoice;
use crate::run::front::{MoreRoutes, Page};
use crate::terminal::Progress;

/// The parts that can be consumers. Only the first is behind the front door and takes http-push.
pub(super) const CONSUMERS: [&str; 4] = ["consumer", "consumer-2", "consumer-3", "consumer-4"];

/// The configuration of a stack.
#[derive(Clone)]
pub struct Config {
    /// The port of the front door on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// The data directory; made if it does not exist.
    pub data_dir: PathBuf,
    /// The choice of the broker.
    pub broker: BrokerChoice,
    /// How many brokers are started here: 1, a cluster of 3, or 0: none is used, and the route kafka refuses all events.
    pub brokers: u8,
    /// The port of the broker that is started here, on 127.0.0.1; 0 picks a free one.
    pub broker_port: u16,
    /// Settings and names of the services as clients of Kafka.
    pub kafka: KafkaClients,
    /// The built page.
    pub page: Page,
    /// The directory of the programs `ese`, `backend`, `consumer` and `mailer`.
    pub programs: PathBuf,
    /// The databases of the services.
    pub databases: Databases,
    /// The databases that are made here for the services without one.
    pub database: DatabaseKind,
    /// The database of http-poll's store; without it, of the kind of the others.
    pub store_database: Option<DatabaseKind>,
    /// How long http-poll's store keeps an event, instead of the backend's default.
    pub store_ttl: Option<Duration>,
    /// How many bytes of events http-poll's store keeps, instead of the backend's default.
    pub store_bytes: Option<u64>,
    /// How many consumers run, 1 to 4: one group on one database. More than one need PostgreSQL.
    pub consumers: u8,
    /// Whether faults can be started, and guarantees changed, over HTTP.
    pub faults: bool,
    /// The guarantees at the start.
    pub guarantee: ByRoute<Guarantee>,
    /// A deliberate bug of all services. Only debug builds have bugs.
    pub injected_bug: Option<InjectedBug>,
    /// Whether pages of other origins may use the original example's contracts, and the tracker.
    pub demo_cors: bool,
    /// The file of the write keys; without it everybody on this machine may send.
    pub keys_file: Option<PathBuf>,
    /// The file of the admin token; without it everybody on this machine may look.
    pub admin_token_file: Option<PathBuf>,
    /// Routes of the front door beside those of the parts.
    pub more_routes: MoreRoutes,
    /// Shows the progress.
    pub progress: Progress,
}

/// Where the services keep their databases, in the data directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DatabaseKind {
    /// A SQLite file each
    #[default]
    Sqlite,
    /// A PostgreSQL server, which is started here
    Postgres,
}

/// Databases other than those in the data directory.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Databases {
    /// Database of the backend's store, instead of one in the data directory
    #[arg(long = "database-url-backend", value_name = "URL", value_parser = runtime::database::url)]
    pub backend: Option<String>,
    /// Database of the consumer, instead of one in the data directory
    #[arg(long = "database-url-consumer", value_name = "URL", value_parser = runtime::database::url)]
    pub consumer: Option<String>,
    /// Database of the mailer, instead of one in the data directory
    #[arg(long = "database-url-mailer", value_name = "URL", value_parser = runtime::database::url)]
    pub mailer: Option<String>,
}

impl Config {
    /// Everything in `data_dir`, on a free port, without the page; progress is not shown.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            port: 0,
            data_dir: data_dir.into(),
            broker: BrokerChoice::Auto,
            brokers: 1,
            broker_port: 0,
            kafka: KafkaClients::default(),
            page: Page::None,
            programs: programs(),
            databases: Databases::default(),
            database: DatabaseKind::Sqlite,
            store_database: None,
            store_ttl: None,
            store_bytes: None,
            consumers: 1,
            faults: false,
            guarantee: Guarantee::default().on_all_routes(),
            injected_bug: None,
            demo_cors: false,
            keys_file: None,
            admin_token_file: None,
            more_routes: std::sync::Arc::new(|_, _| Router::new()),
            progress: std::sync::Arc::new(|_| ()),
        }
    }

    /// The kind of http-poll's store.
    pub(super) fn store_database(&self) -> DatabaseKind {
        self.store_database.unwrap_or(self.database)
    }

    /// The names of the consumers that run.
    pub(super) fn consumers(&self) -> anyhow::Result<&'static [&'static str]> {
        let names = &CONSUMERS[..usize::from(self.consumers).clamp(1, CONSUMERS.len())];
        // The consumer reads before it writes in some transactions. With a second writer, SQLite ends those with
        // SQLITE_BUSY_SNAPSHOT, and its wait for the lock is not fair.
        let shareable = match self.databases.consumer.as_deref() {
            Some(url) => !url.starts_with("sqlite:"),
            None => self.database == DatabaseKind::Postgres,
        };
        anyhow::ensure!(
            shareable || names.len() == 1,
            "{} consumers cannot share a SQLite file: give --database postgres",
            self.consumers
        );
        Ok(names)
    }
}

/// The directory that the programs are built into: that of the running one, which for a test is one level up.
fn programs() -> PathBuf {
    let here = env::current_exe().unwrap_or_default();
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    if folder.ends_with("deps") { folder.parent().map(PathBuf::from).unwrap_or(folder) } else { folder }
}
