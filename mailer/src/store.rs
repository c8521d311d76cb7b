//! The mailer's database: every request once, with its state.

mod positions;
mod pruning;

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::mail_request::{MailRequest, MailState, MailStatus};
use runtime::database::{self, Database};
use runtime::kafka::positions::{Move, Partition};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

/// The tables, in the order of their making.
const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/0001_mails.sql"), include_str!("../migrations/0002_positions.sql")];

/// The open database.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

/// Why the database could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the mailer's database failed")]
    Database(#[from] sqlx::Error),
    /// Another mailer has processed these requests.
    #[error("another mailer has moved {0} on")]
    Moved(Partition),
    /// A row's JSON cannot be parsed.
    #[error("a row holds JSON that cannot be read")]
    Json(#[from] serde_json::Error),
}

/// A mail to be delivered now, claimed for this process.
#[derive(Debug)]
pub struct Claimed {
    /// The request.
    pub request: MailRequest,
    /// How often it was tried before.
    pub attempts: u32,
    /// The end of the claim, which also identifies the claim.
    pub lease: Timestamp,
}

/// The outcome of a try.
#[derive(Debug)]
pub struct Outcome {
    /// The mail's state now.
    pub state: MailState,
    /// The error; empty if there was none.
    pub error: String,
    /// Whether it is unknown if the mail was delivered.
    pub interrupted: bool,
    /// When a queued one is due again.
    pub due: Timestamp,
}

impl Store {
    /// Opens the database at `url`.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        Ok(Self { database: database::open(url, &MIGRATIONS).await? })
    }

    /// The database.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Stores requests and moves their source's positions; known ids change nothing. Returns how many were new.
    pub async fn add(&self, requests: &[MailRequest], moves: &[Move], now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.database.begin().await?;
        if let Some(partition) = positions::advance(&mut tx, moves).await? {
            return Err(StoreError::Moved(partition));
        }
        let mut new = 0;
        // In one order, as the positions.
        let mut requests: Vec<&MailRequest> = requests.iter().collect();
        requests.sort_by_key(|request| request.id);
        for request in requests {
            let inserted = sqlx::query(
                "INSERT INTO mails (id, request, recipient, subject, state, attempts, due_at, changed_at, error)
                 VALUES ($1, $2, $3, $4, 'queued', 0, $5, $5, '') ON CONFLICT (id) DO NOTHING",
            )
            .bind(request.id.to_string())
            .bind(serde_json::to_string(request)?)
            .bind(&request.to)
            .bind(&request.subject)
            .bind(now.micros())
            .execute(&mut *tx)
            .await?;
            new += inserted.rows_affected();
        }
        tx.commit().await?;
        Ok(new)
    }

    /// The stored positions of these partitions.
    pub async fn positions(&self, of: &[Partition]) -> Result<BTreeMap<Partition, i64>, StoreError> {
        Ok(positions::load(&self.database.reader, of).await?)
    }

    /// Claims mails that are due: until `lease` no other mailer gets them, then they are due again.
    pub async fn claim(&self, now: Timestamp, lease: Timestamp, limit: i64) -> Result<Vec<Claimed>, StoreError> {
        let due: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT id, request, attempts, due_at FROM mails WHERE state IN ('queued', 'sending') AND due_at <= $1
             ORDER BY due_at LIMIT $2",
        )
        .bind(now.micros())
        .bind(limit)
        .fetch_all(&self.database.reader)
        .await?;
        let mut claimed = Vec::new();
        for (id, request, attempts, due_at) in due {
            // A mail that is `sending` and due again is from a mailer that crashed.
            let claim = sqlx::query(
                "UPDATE mails SET state = 'sending', due_at = $3, attempts = attempts + 1,
                 interrupted = interrupted + CASE WHEN state = 'sending' THEN 1 ELSE 0 END
                 WHERE id = $1 AND due_at = $2 AND state IN ('queued', 'sending')",
            )
            .bind(id)
            .bind(due_at)
            .bind(lease.micros())
            .execute(&self.database.writer)
            .await?;
            if claim.rows_affected() == 1 {
                let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
                claimed.push(Claimed { request: serde_json::from_str(&request)?, attempts, lease });
            }
        }
        Ok(claimed)
    }

    /// Stores the outcome, unless the claim has ended and another mailer has the mail.
    pub async fn settle(&self, claim: &Claimed, outcome: &Outcome, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE mails SET state = $3, error = $4, interrupted = interrupted + $5, due_at = $6, changed_at = $7
             WHERE id = $1 AND state = 'sending' AND due_at = $2",
        )
        .bind(claim.request.id.to_string())
        .bind(claim.lease.micros())
        .bind(name(outcome.state))
        .bind(&outcome.error)
        .bind(i64::from(outcome.interrupted))
        .bind(outcome.due.micros())
        .bind(now.micros())
        .execute(&self.database.writer)
        .await?;
        Ok(())
    }

    /// How many mails are neither sent nor given up.
    pub async fn waiting(&self) -> Result<i64, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM mails WHERE state IN ('queued', 'sending')";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.database.reader).await?)
    }

    /// The mails changed last, newest first.
    pub async fn latest(&self, limit: i64) -> Result<Vec<MailStatus>, StoreError> {
        let rows = sqlx::query("SELECT * FROM mails ORDER BY changed_at DESC, id LIMIT $1")
            .bind(limit)
            .fetch_all(&self.database.reader)
            .await?;
        rows.iter().map(status).collect()
    }

    /// The mails with these ids, as far as they are known.
    pub async fn find(&self, ids: &[Uuid]) -> Result<Vec<MailStatus>, StoreError> {
        let sql = format!("SELECT * FROM mails WHERE id IN {}", database::placeholders(1, ids.len()));
        let mut select = sqlx::query(AssertSqlSafe(sql));
        for id in ids {
            select = select.bind(id.to_string());
        }
        select.fetch_all(&self.database.reader).await?.iter().map(status).collect()
    }
}

fn status(row: &AnyRow) -> Result<MailStatus, StoreError> {
    let count = |column| row.try_get(column).map(|count: i64| u32::try_from(count).unwrap_or(u32::MAX));
    let error: String = row.try_get("error")?;
    Ok(MailStatus {
        id: row.try_get::<&str, _>("id")?.parse().unwrap_or_default(),
        to: row.try_get("recipient")?,
        subject: row.try_get("subject")?,
        state: state(row.try_get("state")?),
        attempts: count("attempts")?,
        interrupted: count("interrupted")?,
        error: (!error.is_empty()).then_some(error),
        changed_at: Timestamp::from_micros(row.try_get("changed_at")?),
    })
}

const fn name(state: MailState) -> &'static str {
    match state {
        MailState::Queued => "queued",
        MailState::Sent => "sent",
        MailState::Failed => "failed",
    }
}

fn state(name: &str) -> MailState {
    match name {
        "sent" => MailState::Sent,
        "failed" => MailState::Failed,
        _ => MailState::Queued,
    }
}
