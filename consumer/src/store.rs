//! The tables of the step. A read before a write locks its rows by touching them, all rows of a table in one statement that
//! SQLite and PostgreSQL both support: `INSERT … ON CONFLICT … DO UPDATE … RETURNING`.

pub mod alerts;
pub mod ledger;
pub mod positions;
pub mod pruning;
pub mod rule_states;
pub mod settings;
mod statement;

use sqlx::{Any, Transaction};

/// The tables, in the order of their making.
pub const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_books.sql"),
    include_str!("../migrations/0002_use_cases.sql"),
    include_str!("../migrations/0003_retention.sql"),
];

/// An open transaction.
pub type Tx = Transaction<'static, Any>;

/// Why the database could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the consumer's database failed")]
    Database(#[from] sqlx::Error),
    /// A row's JSON cannot be parsed.
    #[error("a row holds JSON that cannot be read")]
    Json(#[from] serde_json::Error),
    /// A row's value cannot be parsed.
    #[error("a row of the ledger cannot be read: {0}")]
    Corrupt(String),
}

/// A count for SQL, whose numbers are signed.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count from SQL; it is never negative.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
