//! The changed settings of the use cases.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sqlx::{Any, Executor};

use super::{StoreError, Tx};

/// The changed settings of each use case that has any.
pub async fn load<'e>(
    from: impl Executor<'e, Database = Any>,
) -> Result<BTreeMap<String, Map<String, Value>>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT use_case, settings FROM use_case_settings").fetch_all(from).await?;
    rows.into_iter().map(|(use_case, settings)| Ok((use_case, serde_json::from_str(&settings)?))).collect()
}

/// Writes some of a use case's settings; the others stay.
pub async fn save(tx: &mut Tx, use_case: &str, given: Map<String, Value>) -> Result<(), StoreError> {
    let (known,): (String,) = sqlx::query_as(
        "INSERT INTO use_case_settings (use_case, settings) VALUES ($1, '{}')
         ON CONFLICT (use_case) DO UPDATE SET settings = use_case_settings.settings RETURNING settings",
    )
    .bind(use_case)
    .fetch_one(&mut **tx)
    .await?;
    let mut settings: Map<String, Value> = serde_json::from_str(&known)?;
    settings.extend(given);
    sqlx::query("UPDATE use_case_settings SET settings = $2 WHERE use_case = $1")
        .bind(use_case)
        .bind(Value::Object(settings).to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
