//! SQLite or PostgreSQL, by URL, through one pool type and one SQL text.
//!
//! Both understand `$1`, `ON CONFLICT … DO UPDATE` and `RETURNING`, which is all the SQL the services need.

mod outage;

use std::time::Duration;

use anyhow::Context;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, Connection, Executor, SqlStr, Transaction};

pub use self::outage::is_disk_full;
use crate::dependency::Dependency;

/// The name of a PostgreSQL server: in problems, in metrics and among the parts.
pub const POSTGRES: &str = "postgres";
/// The most connections of a service to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 8;
/// Connections for readers of SQLite; there is one writer.
const SQLITE_READERS: u32 = 4;

/// An open database.
#[derive(Clone, Debug)]
pub struct Database {
    /// For transactions that write. SQLite takes one writer at a time, so its pool has one connection and a fair queue.
    pub writer: AnyPool,
    /// For queries that only read.
    pub reader: AnyPool,
    /// Its server. A file has none: it is taken to answer always.
    pub dependency: Dependency,
}

/// How large a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseSize {
    /// Its bytes on the disk, without the log of the latest changes.
    pub bytes: u64,
    /// Of these, bytes that are free for new rows; known of SQLite alone.
    pub free: Option<u64>,
}

/// Checks a database URL, as a clap value parser.
pub fn url(text: &str) -> Result<String, String> {
    match text.split_once("://").map(|(scheme, _)| scheme) {
        Some("sqlite" | "postgres" | "postgresql") => Ok(text.to_owned()),
        _ => Err("give sqlite:///path/to/file.db or postgres://user@host/database".to_owned()),
    }
}

/// Opens the database at `url` and runs those of the `migrations` (SQL texts, in their order) that it lacks. A missing SQLite
/// file is created.
pub async fn open(url: &str, migrations: &[&'static str]) -> anyhow::Result<Database> {
    sqlx::any::install_default_drivers();
    let is_sqlite = url.starts_with("sqlite:");
    let database = match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path).await,
        None => postgres(url).await,
    };
    // The URL may hold a password: the error names only the part after it.
    let place = url.rsplit('@').next().and_then(|place| place.split('?').next()).unwrap_or_default();
    let database = database.with_context(|| format!("cannot open the database {place}"))?;
    // A change of the schema may take longer than the timeouts of a service's connections.
    let changes = if is_sqlite { database.writer.clone() } else { AnyPool::connect_lazy(url)? };
    let schema = schema(migrations);
    schema.run(&changes).await.with_context(|| format!("cannot bring the schema of {place} up to date"))?;
    if !is_sqlite {
        changes.close().await;
    }
    Ok(database)
}

/// The migrations with their numbers, from 1.
///
/// `sqlx::migrate!` would do the same, but compiles SQLite and sqlx a second time, for the compiler.
fn schema(migrations: &[&'static str]) -> Migrator {
    let numbered = (1..)
        .zip(migrations)
        .map(|(number, sql)| Migration::new(number, "".into(), MigrationType::Simple, SqlStr::from_static(sql), false));
    Migrator::with_migrations(numbered.collect())
}

async fn sqlite(path: &str) -> anyhow::Result<Database> {
    let url = format!("sqlite://{path}{}mode=rwc", if path.contains('?') { '&' } else { '?' });
    let pool = |connections| {
        // A connection to a file does not break, so it is not tested before each use.
        let options = AnyPoolOptions::new().max_connections(connections).test_before_acquire(false);
        // SQLite rolls a transaction back by itself where the disk is full. sqlx (0.9) still counts it as open then, and a later
        // commit on this connection would only release a savepoint: such a connection is closed.
        let options = options.before_acquire(|connection, _| {
            let is_closed = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_closed) })
        });
        options.after_connect(|connection, _| {
            Box::pin(async move {
                // FULL: a commit returns once it is on the disk.
                let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;";
                connection.execute(settings).await.map(drop)
            })
        })
    };
    let writer = pool(1).acquire_timeout(Duration::from_secs(60)).connect(&url).await?;
    let reader = pool(SQLITE_READERS).connect(&url).await?;
    Ok(Database { writer, reader, dependency: Dependency::new("sqlite", "SQLite") })
}

/// The longest times in PostgreSQL, so that a wait in the database ends with an error, and the work is tried again. A time
/// that the URL or the server sets stays.
const POSTGRES_TIMEOUTS: [(&str, &str); 3] = [
    // One statement. The largest read all sessions of the ledger.
    ("statement_timeout", "30s"),
    // A wait for one lock: a step of another process holds it.
    ("lock_timeout", "10s"),
    // A transaction between two statements: its process hangs and holds its locks.
    ("idle_in_transaction_session_timeout", "1min"),
];

/// Each connection waits with a commit until it is on the disk of the server.
///
/// `synchronous_commit` may be `local`, `remote_write`, `on` or `remote_apply`: all of them flush the server's own log. They
/// differ only in their wait for standby servers. `off` becomes `on`.
async fn postgres(url: &str) -> anyhow::Result<Database> {
    let pool = AnyPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(Duration::from_secs(5));
    let pool = pool.after_connect(|connection, _| {
        Box::pin(async move {
            let flush = "SELECT set_config('synchronous_commit', 'on', false)
                         WHERE current_setting('synchronous_commit') = 'off'";
            connection.execute(flush).await?;
            for (name, longest) in POSTGRES_TIMEOUTS {
                let set = "SELECT set_config($1, $2, false) WHERE current_setting($1) = '0'";
                sqlx::query(set).bind(name).bind(longest).execute(&mut *connection).await?;
            }
            Ok(())
        })
    });
    let writer = pool.connect(url).await?;
    let (fsync,): (String,) = sqlx::query_as("SELECT current_setting('fsync')").fetch_one(&writer).await?;
    check_fsync(&fsync)?;
    Ok(Database { reader: writer.clone(), writer, dependency: Dependency::new(POSTGRES, "PostgreSQL") })
}

/// Refuses a server that leaves commits in the kernel's memory.
fn check_fsync(fsync: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        fsync == "on",
        "the PostgreSQL server runs with fsync = {fsync}: a power failure would lose commits or destroy the database; \
         set fsync = on in its configuration"
    );
    Ok(())
}

impl Database {
    /// Begins a transaction that writes.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Any>> {
        self.writer.begin().await
    }

    /// Its size now.
    pub async fn size(&self) -> sqlx::Result<DatabaseSize> {
        let mut reader = self.reader.acquire().await?;
        if reader.backend_name() == "SQLite" {
            let pages = "SELECT page_count * page_size, freelist_count * page_size
                         FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
            let (bytes, free): (i64, i64) = sqlx::query_as(pages).fetch_one(&mut *reader).await?;
            return Ok(DatabaseSize { bytes: bytes.unsigned_abs(), free: Some(free.unsigned_abs()) });
        }
        let tables = sqlx::query_as("SELECT pg_database_size(current_database())");
        let (bytes,): (i64,) = tables.fetch_one(&mut *reader).await?;
        Ok(DatabaseSize { bytes: bytes.unsigned_abs(), free: None })
    }
}

/// `($1,$2),($3,$4)…`: placeholders for a statement that inserts `rows` rows of `columns` columns.
pub fn placeholders(rows: usize, columns: usize) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 1..=columns {
            let comma = if column == 1 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}${}", row * columns + column);
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(placeholders(2, 3), "($1,$2,$3),($4,$5,$6)");
    }

    #[tokio::test]
    async fn a_database_made_from_numbered_files_opens() {
        let directory = tempfile::tempdir().unwrap();
        let texts = ["-- One.\nCREATE TABLE a (n BIGINT);\n", "ALTER TABLE a ADD COLUMN m BIGINT;\n"];
        for (name, text) in ["0001_first.sql", "0002_second.sql"].iter().zip(texts) {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        let url = format!("sqlite://{}/old.db", directory.path().display());
        let old = open(&url, &[]).await.unwrap();
        Migrator::new(directory.path()).await.unwrap().run(&old.writer).await.unwrap();
        open(&url, &texts).await.unwrap();
        open(&url, &["-- Changed.", texts[1]]).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_commit_counts_after_sqlite_has_rolled_a_transaction_back_by_itself() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/full.db", directory.path().display());
        let database = open(&url, &["CREATE TABLE a (n BIGINT)"]).await.unwrap();
        let insert = "INSERT INTO a VALUES (1)";
        let mut by_itself = database.begin().await.unwrap();
        by_itself.execute(insert).await.unwrap();
        by_itself.execute("ROLLBACK").await.unwrap();
        drop(by_itself);
        let mut failed = database.begin().await.unwrap();
        failed.execute(insert).await.unwrap();
        drop(failed);
        let mut good = database.begin().await.unwrap();
        good.execute(insert).await.unwrap();
        good.commit().await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM a");
        assert_eq!(count.fetch_one(&database.reader).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_error_names_the_database_without_the_password() {
        let error = open("postgres://me:secret@127.0.0.1:1/none", &[]).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("127.0.0.1:1/none") && !error.contains("secret"), "{error}");
    }

    #[tokio::test]
    async fn a_commit_is_full_on_sqlite() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/new.db", directory.path().display());
        let database = open(&url, &[]).await.unwrap();
        let (level,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&database.writer).await.unwrap();
        assert_eq!(level, 2, "2 is FULL");
    }

    /// The size of a database with so many megabytes in a table, and after their end.
    async fn sizes(url: &str) -> (DatabaseSize, DatabaseSize) {
        let database = open(url, &["CREATE TABLE a (text TEXT NOT NULL);"]).await.unwrap();
        for _ in 0..4 {
            let insert = sqlx::query("INSERT INTO a (text) VALUES ($1)").bind("x".repeat(1 << 20));
            insert.execute(&database.writer).await.unwrap();
        }
        let full = database.size().await.unwrap();
        database.writer.execute("DELETE FROM a").await.unwrap();
        (full, database.size().await.unwrap())
    }

    #[tokio::test]
    async fn the_size_of_a_file_has_its_free_pages() {
        let directory = tempfile::tempdir().unwrap();
        let (full, empty) = sizes(&format!("sqlite://{}/new.db", directory.path().display())).await;
        assert!((4 << 20..5 << 20).contains(&full.bytes) && full.free.unwrap() < 1 << 20, "{full:?}");
        assert!(empty.bytes == full.bytes && empty.free.unwrap() >= 4 << 20, "{empty:?}");
    }

    #[tokio::test]
    async fn the_size_of_a_database_on_a_server_is_known() {
        let Some(url) = crate::testing::new_postgres("runtime_size").await else { return };
        let (full, _) = sizes(&url).await;
        assert!(full.bytes > 1 << 20 && full.free.is_none(), "{full:?}");
    }

    #[tokio::test]
    async fn postgres_flushes_commits_and_bounds_waits_and_other_settings_of_the_server_stay() {
        let Some(url) = crate::testing::new_postgres("runtime_settings").await else { return };
        let (server, name) = url.rsplit_once('/').unwrap();
        let admin = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
        let run = async |sql: String| {
            admin.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        };
        let settings = [
            ("synchronous_commit", "off", "on"),
            ("synchronous_commit", "local", "local"),
            ("synchronous_commit", "remote_apply", "remote_apply"),
            ("statement_timeout", "0", "30s"),
            ("statement_timeout", "'7s'", "7s"),
            ("lock_timeout", "0", "10s"),
            ("idle_in_transaction_session_timeout", "0", "1min"),
        ];
        for (setting, set, effective) in settings {
            run(format!("ALTER DATABASE {name} SET {setting} = {set}")).await;
            let database = open(&url, &[]).await.unwrap();
            let mut transaction = database.begin().await.unwrap();
            let show = sqlx::AssertSqlSafe(format!("SHOW {setting}"));
            let (shown,): (String,) = sqlx::query_as(show).fetch_one(&mut *transaction).await.unwrap();
            assert_eq!(shown, effective, "the database has {setting} = {set}");
            drop(transaction);
            database.writer.close().await;
        }
        run(format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }

    #[test]
    fn a_postgres_server_that_does_not_flush_is_refused() {
        check_fsync("on").unwrap();
        let error = check_fsync("off").unwrap_err().to_string();
        assert!(error.contains("runs with fsync = off") && error.contains("set fsync = on"), "{error}");
    }
}
