//! `GET /api/disk/backend`, `…/consumer` and `…/mailer`: how much a service keeps in its database.

use serde::{Deserialize, Serialize};

/// A service's database and the kinds of data in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DiskView {
    /// Bytes of the whole database: on SQLite the pages of its file, on PostgreSQL all tables and indexes.
    pub database_bytes: u64,
    /// Of these, bytes that are free for new rows; on SQLite alone. The file does not shrink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
    /// The kinds of data that have bounds, as they were measured last.
    pub kept: Vec<Kept>,
}

/// One kind of data in a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Kept {
    /// Its name: `stored-pages` (the commits of http-poll's store), `ledgers`, `rule-states`, `alerts` or `mails`.
    pub what: String,
    /// How many rows it has.
    pub rows: u64,
    /// About how many bytes they take: their texts, and for all but the store a share for indexes.
    pub bytes: u64,
    /// How many bytes they may take.
    pub most_bytes: u64,
    /// How long a row is kept, in seconds.
    pub ttl_seconds: u64,
}
