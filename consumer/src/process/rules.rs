//! Runs the use cases on new events, with their memories, in the step's transaction.

use std::collections::BTreeMap;

use domain::mail::MailRequest;
use domain::rules::Alert;
use domain::{Event, Route, Timestamp};

use crate::store::rule_states::{self, Key};
use crate::store::{StoreError, Tx};
use crate::use_cases::Active;

/// Passes each event to the use cases for it.
pub(super) async fn observe(
    tx: &mut Tx,
    use_cases: &[Active<'_>],
    route: Route,
    events: &[&Event],
    now: Timestamp,
) -> Result<Vec<(Alert, MailRequest)>, StoreError> {
    let mut by_key: BTreeMap<Key, (&Active<'_>, Vec<&Event>)> = BTreeMap::new();
    for active in use_cases {
        let rule = &active.entry.rule;
        for event in events.iter().filter(|event| rule.wants(&active.settings, event)) {
            let key = (active.id().to_owned(), rule.key(event));
            by_key.entry(key).or_insert_with(|| (active, Vec::new())).1.push(event);
        }
    }
    let mut memories = rule_states::lock(tx, route, by_key.keys().cloned().collect()).await?;
    let mut found = Vec::new();
    for (key, memory) in &mut memories {
        let Some((active, events)) = by_key.get(key) else { continue };
        for event in events {
            let finding = active.entry.rule.observe(&active.settings, memory, event, now);
            found.extend(finding.map(|finding| active.alert(finding, route, now)));
        }
    }
    rule_states::save(tx, route, &memories).await?;
    Ok(found)
}

/// Calls the use cases for the memories that are `due`, if they still are: another consumer may have done it.
pub(super) async fn decide(
    tx: &mut Tx,
    use_cases: &[Active<'_>],
    route: Route,
    due: Vec<Key>,
    until: Timestamp,
    now: Timestamp,
) -> Result<Vec<(Alert, MailRequest)>, StoreError> {
    let of = |use_case: &str| use_cases.iter().find(|active| active.id() == use_case);
    let keys = due.into_iter().filter(|(use_case, _)| of(use_case).is_some()).collect();
    let mut memories = rule_states::lock(tx, route, keys).await?;
    let mut found = Vec::new();
    for ((use_case, _), memory) in &mut memories {
        let Some(active) = of(use_case) else { continue };
        if memory.due.is_some_and(|due| due <= until) {
            let finding = active.entry.rule.due(&active.settings, memory);
            found.extend(finding.map(|finding| active.alert(finding, route, now)));
        }
    }
    rule_states::save(tx, route, &memories).await?;
    Ok(found)
}
