//! Alerts, and the outbox of their mails.

use domain::mail_request::MailRequest;
use domain::rules::Alert;
use runtime::database::placeholders;
use sqlx::{AnyPool, AssertSqlSafe};
use uuid::Uuid;

use super::{StoreError, Tx, statement};

/// Writes alerts and puts their mails into the outbox.
pub async fn insert(tx: &mut Tx, found: &[(Alert, MailRequest)]) -> Result<(), StoreError> {
    let (mut alerts, mut mails) = (Vec::new(), Vec::new());
    for (alert, mail) in found {
        let (detected, text) = (alert.detected.micros(), serde_json::to_string(alert)?);
        let (use_case, route) = (alert.use_case.as_str(), alert.route.name());
        alerts.push([alert.id.to_string().into(), detected.into(), text.into(), use_case.into(), route.into()]);
        mails.push([mail.id.to_string().into(), detected.into(), serde_json::to_string(mail)?.into()]);
    }
    let once = "ON CONFLICT (id) DO NOTHING";
    statement::over(tx, "INSERT INTO alerts (id, detected_at, alert, use_case, route)", alerts, once).await?;
    statement::over(tx, "INSERT INTO outbox (id, created_at, mail)", mails, once).await?;
    Ok(())
}

/// The latest alerts, oldest first.
pub async fn latest(pool: &AnyPool, limit: i64) -> Result<Vec<Alert>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT alert FROM alerts ORDER BY detected_at DESC LIMIT $1")
        .bind(limit)
        .fetch_all(pool)
        .await?;
    rows.iter().rev().map(|(alert,)| Ok(serde_json::from_str(alert)?)).collect()
}

/// The latest alerts of one use case, newest first.
pub async fn of_use_case(pool: &AnyPool, use_case: &str, limit: i64) -> Result<Vec<Alert>, StoreError> {
    let rows = sqlx::query_as("SELECT alert FROM alerts WHERE use_case = $1 ORDER BY detected_at DESC LIMIT $2");
    let rows: Vec<(String,)> = rows.bind(use_case).bind(limit).fetch_all(pool).await?;
    rows.iter().map(|(alert,)| Ok(serde_json::from_str(alert)?)).collect()
}

/// How many alerts there were, by use case and route, also those that were pruned.
pub async fn counts(pool: &AnyPool) -> Result<Vec<(String, String, i64)>, StoreError> {
    let sql = "SELECT use_case, route, CAST(SUM(alerts) AS BIGINT) FROM (
                   SELECT use_case, route, COUNT(*) AS alerts FROM alerts GROUP BY use_case, route
                   UNION ALL SELECT use_case, route, alerts FROM pruned_alerts) AS counts
               GROUP BY use_case, route";
    Ok(sqlx::query_as(sql).fetch_all(pool).await?)
}

/// The oldest mails in the outbox.
pub async fn outbox(pool: &AnyPool, limit: i64) -> Result<Vec<MailRequest>, StoreError> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT mail FROM outbox ORDER BY created_at LIMIT $1").bind(limit).fetch_all(pool).await?;
    rows.iter().map(|(mail,)| Ok(serde_json::from_str(mail)?)).collect()
}

/// How many mails are in the outbox.
pub async fn waiting(pool: &AnyPool) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT CAST(COUNT(*) AS BIGINT) FROM outbox").fetch_one(pool).await?)
}

/// Deletes mails from the outbox: the mailer, or the topic, has them durably.
pub async fn handed_over(pool: &AnyPool, ids: &[Uuid]) -> Result<(), StoreError> {
    let places = placeholders(1, ids.len());
    let sql = format!("DELETE FROM outbox WHERE id IN {places}");
    let mut delete = sqlx::query(AssertSqlSafe(sql));
    for id in ids {
        delete = delete.bind(id.to_string());
    }
    delete.execute(pool).await?;
    Ok(())
}
