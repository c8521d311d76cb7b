//! The memories of the use cases, and the times when they are due.

use std::collections::{BTreeMap, BTreeSet};

use domain::rules::Memory;
use domain::{Route, Timestamp};
use runtime::database::placeholders;
use sqlx::{AnyPool, AssertSqlSafe, Row};

use super::statement::{self, Value};
use super::{StoreError, Tx};

/// A use case and the key of its memory. Memories are locked in this order.
pub type Key = (String, String);

/// Locks the memories until the transaction ends. A new one is empty.
pub async fn lock(tx: &mut Tx, route: Route, keys: BTreeSet<Key>) -> Result<BTreeMap<Key, Memory>, StoreError> {
    let insert = "INSERT INTO rule_states (use_case, route, rule_key, state)";
    let row = |(use_case, key): Key| [use_case.into(), route.name().into(), key.into(), "null".into()];
    let touch = "ON CONFLICT (use_case, route, rule_key) DO UPDATE SET state = rule_states.state
         RETURNING use_case, rule_key, state, due_at";
    let rows = statement::over(tx, insert, keys.into_iter().map(row).collect(), touch).await?;
    let memories = rows.iter().map(|row| {
        let due = row.try_get("due_at")?;
        let state = serde_json::from_str(row.try_get("state")?)?;
        let due = (due != 0).then(|| Timestamp::from_micros(due));
        Ok(((row.try_get("use_case")?, row.try_get("rule_key")?), Memory { state, due }))
    });
    memories.collect()
}

/// Writes locked memories back. An empty one takes no row.
pub async fn save(
    tx: &mut Tx,
    route: Route,
    memories: &BTreeMap<Key, Memory>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut kept, mut empty): (Vec<[Value; 6]>, Vec<[Value; 3]>) = Default::default();
    for ((use_case, key), memory) in memories {
        let place = [use_case.as_str().into(), route.name().into(), key.as_str().into()];
        if *memory == Memory::default() {
            empty.push(place);
        } else {
            let [use_case, route, key] = place;
            let due = memory.due.map_or(0, Timestamp::micros);
            kept.push([use_case, route, key, memory.state.to_string().into(), due.into(), now.micros().into()]);
        }
    }
    let insert = "INSERT INTO rule_states (use_case, route, rule_key, state, due_at, touched_at)";
    let update = "ON CONFLICT (use_case, route, rule_key) DO UPDATE SET state = excluded.state,
         due_at = excluded.due_at, touched_at = excluded.touched_at";
    statement::over(tx, insert, kept, update).await?;
    statement::over(tx, "DELETE FROM rule_states WHERE (use_case, route, rule_key) IN (", empty, ")").await?;
    Ok(())
}

/// The keys of these use cases that are due at `until`, the oldest first.
///
/// The memories of a use case that no longer exists stay: nothing can decide about them.
pub async fn due(
    pool: &AnyPool,
    use_cases: &[&str],
    route: Route,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Key>, StoreError> {
    let (names, next) = (placeholders(1, use_cases.len()), use_cases.len() + 1);
    let sql = format!(
        "SELECT use_case, rule_key FROM rule_states
         WHERE use_case IN {names} AND route = ${next} AND due_at > 0 AND due_at <= ${} ORDER BY due_at LIMIT ${}",
        next + 1,
        next + 2
    );
    let rows = use_cases.iter().fold(sqlx::query_as(AssertSqlSafe(sql)), |rows, name| rows.bind(*name));
    Ok(rows.bind(route.name()).bind(until.micros()).bind(limit).fetch_all(pool).await?)
}
