//! Helpers for the tests of several crates; they panic where a test cannot go on.

#![expect(clippy::unwrap_used, reason = "only tests call these functions")]

mod relay;

use std::fmt::Display;
use std::fs::{self, DirEntry};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use crate::keys::KeyEntry;
use crate::secret::SecretHash;

pub use relay::Relay;

/// A service that runs inside the test; it stops when it is dropped.
#[derive(Debug)]
pub struct Service {
    /// Its address.
    pub url: String,
    stop: DropGuard,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Service {
    /// Starts a service on a free port.
    pub async fn start<F>(run: impl FnOnce(TcpListener, WaitForCancellationFutureOwned) -> F) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let (listener, url) = listen().await;
        let stop = CancellationToken::new();
        let running = tokio::spawn(run(listener, stop.clone().cancelled_owned()));
        Self { url, stop: stop.drop_guard(), running }
    }

    /// Stops it and waits for its end.
    pub async fn stop(self) {
        drop(self.stop);
        self.running.await.unwrap().unwrap();
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        (&mut self.running).await.unwrap()
    }
}

/// A listener on a free port of this machine, and its URL.
pub async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Serves `router` on a free port; returns its URL.
pub async fn serve(router: Router) -> String {
    let (listener, url) = listen().await;
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// Waits until `condition` holds; panics after a minute.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The command lines of the processes with `variable`, as `NAME=value`, in their environment: all that a program with it has
/// started, at any depth.
pub fn with_variable(variable: &str) -> Vec<String> {
    let read = |entry: &DirEntry, file| fs::read(entry.path().join(file)).unwrap_or_default();
    let has = |entry: &DirEntry| read(entry, "environ").split(|byte| *byte == 0).any(|own| own == variable.as_bytes());
    let all = fs::read_dir("/proc").unwrap().map(Result::unwrap).filter(has);
    all.map(|entry| String::from_utf8_lossy(&read(&entry, "cmdline")).replace('\0', " ")).collect()
}

/// The Kafka broker for tests, as `HOST:PORT`; without it, prints that the test is skipped.
pub fn broker() -> Option<String> {
    server("ESE_TEST_BROKER", "a Kafka broker; set ESE_TEST_BROKER=HOST:PORT")
}

/// The PostgreSQL server for tests, as `postgres://user@host:port`; without it, prints that the test is skipped.
pub fn postgres() -> Option<String> {
    server("ESE_TEST_POSTGRES", "a PostgreSQL server; set ESE_TEST_POSTGRES=postgres://USER@HOST:PORT")
}

/// The URL of a new database, whose name begins with `name`, on the PostgreSQL server for tests.
pub async fn new_postgres(name: &str) -> Option<String> {
    let server = postgres()?;
    sqlx::any::install_default_drivers();
    let name = format!("{name}_{:032x}", rand::random::<u128>());
    let mut connection = AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    Some(format!("{server}/{name}"))
}

/// Makes the SQLite file `path` by the statements in `dump`, as a database of an earlier version.
pub async fn restore_sqlite(path: &Path, dump: &'static str) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    connection.execute(dump).await.unwrap();
    connection.close().await.unwrap();
}

fn server(variable: &str, needed: &str) -> Option<String> {
    let server = std::env::var(variable).ok();
    if server.is_none() {
        skipped(format_args!("this test needs {needed}, or run `cargo xtask test`"));
    }
    server
}

/// A write key whose secret is its name, for pages of this origin.
pub fn key(name: &str, origin: &str) -> KeyEntry {
    KeyEntry {
        name: name.to_owned(),
        sha256: SecretHash::of(name.as_bytes()),
        origins: vec![origin.to_owned()],
        events_per_second: 1000,
        burst: 1000,
        bytes_per_second: 1 << 20,
    }
}

/// Says that a test is skipped, and why.
pub fn skipped(why: impl Display) {
    // Not `eprintln!`: the test harness would capture it.
    drop(writeln!(std::io::stderr(), "SKIPPED: {why}"));
}
