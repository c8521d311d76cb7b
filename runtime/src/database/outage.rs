//! A database that does not answer: found soon, named in refusals, and used again once it is back.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::error::DatabaseError;
use sqlx::{AnyConnection, Connection};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Database, POSTGRES};
use crate::dependency::Dependency;
use crate::problem::Refusal;
use crate::service::Tasks;

/// How often to ask the server, and how long it may take to answer. Together they are as long as the consumer waits for the
/// mailer, so that a mailer without its database still says so.
const EVERY: Duration = Duration::from_millis(500);
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// The classes of SQLSTATE that are the server's matter: connections, read-only transactions, passwords, names of
/// databases, rollbacks, resources, objects in use, an operator's actions, the system, internal errors.
const OF_SERVER: [&str; 10] = ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"];

/// SQLite's codes that are the file's matter: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL.
const OF_FILE: [i32; 8] = [5, 6, 7, 8, 10, 13, 14, 15];

impl Database {
    /// Watches from now on whether the server answers, for the whole service or `only_for` a part of it. A file is not
    /// watched.
    pub fn watch(&self, tasks: &mut Tasks, only_for: Option<&'static str>) {
        if self.dependency.name() != POSTGRES {
            return;
        }
        tasks.need(self.dependency.clone(), only_for);
        let (options, stop) = (self.writer.connect_options(), tasks.stop.clone());
        tasks.spawn("database probe", probe(options, self.dependency.clone(), stop));
    }

    /// The result of a request's work, or the refusal: 503 with the database's name if it cannot be used, else 500.
    ///
    /// The work is given up as soon as the database is known to be away.
    pub async fn request<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, Refusal>
    where
        E: Error + 'static,
    {
        match self.unless_away(work).await {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) if is_of_database(&error) => {
                tracing::error!(error = &error as &dyn Error, "a request failed: the database cannot be used");
                Err(if is_disk_full(&error) { self.dependency.full() } else { self.dependency.unavailable() })
            }
            Some(Err(error)) => Err(Refusal::internal(&error)),
            None => Err(self.dependency.unavailable()),
        }
    }

    /// The work's result; none if the server is known to be away before the work ends. Even so, work that had begun may have
    /// had its effect.
    pub async fn unless_away<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if self.dependency.trouble().is_some() {
            return None;
        }
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.dependency.until_away() => None,
        }
    }
}

/// Asks the server again and again until the service stops. The connection is not from the pool, which may be busy.
async fn probe(options: Arc<AnyConnectOptions>, server: Dependency, stop: CancellationToken) -> anyhow::Result<()> {
    let mut kept = None;
    loop {
        let asked = timeout(TIMEOUT, ask(&options, &mut kept));
        let Some(asked) = stop.run_until_cancelled(asked).await else { return Ok(()) };
        server.set(match asked {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(reason(&error)),
            Err(_) => Some(format!("no answer within {} s", TIMEOUT.as_secs_f32())),
        });
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return Ok(());
        }
    }
}

/// Asks over the kept connection, and over a new one if that fails: an old connection may break by itself.
async fn ask(options: &AnyConnectOptions, kept: &mut Option<AnyConnection>) -> sqlx::Result<()> {
    if let Some(mut connection) = kept.take()
        && connection.ping().await.is_ok()
    {
        *kept = Some(connection);
        return Ok(());
    }
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.ping().await?;
    *kept = Some(connection);
    Ok(())
}

fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

/// Whether an error is by a database that cannot be used now, and not by the statement or the data.
fn is_of_database(error: &(dyn Error + 'static)) -> bool {
    by_sqlx(error).is_some_and(is_unusable)
}

/// Whether an error is by a disk without room: SQLite's FULL, and PostgreSQL's disk_full.
pub fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    let code = by_sqlx(error).and_then(sqlx::Error::as_database_error).and_then(DatabaseError::code);
    code.is_some_and(|code| code == "13" || code == "53100")
}

fn by_sqlx<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a sqlx::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

fn is_unusable(error: &sqlx::Error) -> bool {
    use sqlx::Error::{BeginFailed, Database, Io, PoolClosed, PoolTimedOut, Protocol, Tls, WorkerCrashed};
    match error {
        Io(_) | Tls(_) | Protocol(_) | PoolTimedOut | PoolClosed | WorkerCrashed | BeginFailed => true,
        Database(error) => error.code().is_some_and(|code| match (code.len(), code.parse::<i32>()) {
            // SQLSTATE has five characters, and SQLite's extended codes have the code in their last byte.
            (..5, Ok(code)) => OF_FILE.contains(&(code & 0xff)),
            _ => OF_SERVER.iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::http::StatusCode;
    use sqlx::{AnyPool, AssertSqlSafe, Executor};

    use super::*;
    use crate::database::open;
    use crate::testing::{Relay, new_postgres, until};

    #[derive(Debug, thiserror::Error)]
    #[error("the store failed")]
    struct StoreError(#[from] sqlx::Error);

    async fn sqlite(directory: &tempfile::TempDir) -> Database {
        open(&format!("sqlite://{}/new.db", directory.path().display()), &[]).await.unwrap()
    }

    #[tokio::test]
    async fn a_wrong_statement_is_a_500_and_a_database_that_cannot_be_used_a_503_with_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let database = sqlite(&directory).await;
        let wrong = async || Ok::<_, StoreError>(database.reader.execute("SELECT * FROM nowhere").await.map(drop)?);
        assert_eq!(database.request(wrong()).await.unwrap_err().status, StatusCode::INTERNAL_SERVER_ERROR);
        let broken = async || Err::<(), _>(Arc::new(StoreError(io::Error::from(io::ErrorKind::BrokenPipe).into())));
        let refusal = database.request(broken()).await.unwrap_err();
        assert_eq!((refusal.status, refusal.dependency), (StatusCode::SERVICE_UNAVAILABLE, Some("sqlite")));
        assert!(refusal.detail.starts_with("SQLite is not available") && refusal.retry_after.is_some(), "{refusal}");
        assert_eq!(database.request(async { Ok::<_, StoreError>(7) }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_file_that_is_locked_or_read_only_cannot_be_used() {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (sqlite(&directory).await, sqlite(&directory).await);
        one.writer.execute("CREATE TABLE t (n BIGINT)").await.unwrap();
        let mut writing = one.begin().await.unwrap();
        writing.execute("INSERT INTO t VALUES (1)").await.unwrap();
        let mut connection = other.writer.acquire().await.unwrap();
        connection.execute("PRAGMA busy_timeout = 0").await.unwrap();
        let locked = connection.execute("INSERT INTO t VALUES (2)").await.unwrap_err();
        assert!(is_unusable(&locked), "{locked:?}");
        connection.execute("PRAGMA query_only = 1").await.unwrap();
        let read_only = connection.execute("INSERT INTO t VALUES (3)").await.unwrap_err();
        assert!(is_unusable(&read_only), "{read_only:?}");
        let wrong = one.reader.execute("INSERT INTO gone VALUES (1)").await.unwrap_err();
        assert!(!is_unusable(&wrong), "{wrong:?}");
    }

    #[tokio::test]
    async fn a_server_that_is_cut_off_is_missed_soon_and_used_again_once_it_is_back() {
        let Some(url) = new_postgres("runtime_outage").await else { return };
        let (mut relay, through) = Relay::before_postgres(&url).await;
        let database = open(&through, &[]).await.unwrap();
        let mut tasks = Tasks::default();
        database.watch(&mut tasks, None);
        let one = async || database.request(sqlx::query("SELECT 1").execute(&database.reader)).await.map(drop);
        one().await.unwrap();

        relay.cut().await;
        // Whether the probe has noticed or not, and without the wait of the pool for a connection.
        let refusal = timeout(Duration::from_secs(4), one()).await.expect("in time").unwrap_err();
        assert_eq!((refusal.status, refusal.dependency), (StatusCode::SERVICE_UNAVAILABLE, Some("postgres")));
        until("the probe has noticed", async || database.dependency.trouble().is_some()).await;

        relay.mend().await;
        until("it is found again", async || database.dependency.trouble().is_none()).await;
        one().await.unwrap();
        tasks.stop.cancel();
    }

    #[tokio::test]
    async fn what_an_operator_ends_is_the_servers_matter_and_a_statement_is_not() {
        let Some(url) = new_postgres("runtime_codes").await else { return };
        let admin = AnyPool::connect(&url).await.unwrap();
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let wrong = connection.execute("SELECT nothing FROM nowhere").await.unwrap_err();
        assert!(!is_unusable(&wrong), "{wrong:?}");
        let (pid,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
        admin.execute(AssertSqlSafe(format!("SELECT pg_terminate_backend({pid})"))).await.unwrap();
        let ended = connection.execute("SELECT 1").await.unwrap_err();
        assert!(is_unusable(&ended), "{ended:?}");
    }
}
