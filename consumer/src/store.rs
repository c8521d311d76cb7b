//! The tables behind the one step. Every read that leads to a write locks its rows by touching them, all rows of a table
//! in one statement that SQLite and PostgreSQL both understand: `INSERT … ON CONFLICT … DO UPDATE … RETURNING`.

pub mod alerts;
pub mod ledger;
pub mod positions;
pub mod rule_states;
pub mod settings;
mod statement;

use sqlx::{Any, Transaction};

/// An open transaction.
pub type Tx = Transaction<'static, Any>;

/// Why the books could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the consumer's database failed")]
    Database(#[from] sqlx::Error),
    /// JSON of our own does not read back.
    #[error("a row holds JSON that cannot be read")]
    Json(#[from] serde_json::Error),
    /// A row of our own does not read back.
    #[error("a row of the books cannot be read: {0}")]
    Corrupt(String),
}

/// Numbers in SQL are signed; ours are small enough.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way round; a count is never negative.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
