//! New events through the use cases, with what these remember, in the step's transaction.

use std::collections::BTreeMap;

use domain::mail::MailRequest;
use domain::rules::Alert;
use domain::{Event, Route, Timestamp};

use crate::store::{StoreError, Tx, rule_states};
use crate::use_cases::Active;

/// Feeds `events` to every use case that wants them; memories are locked in one order everywhere.
pub(super) async fn observe(
    tx: &mut Tx,
    use_cases: &[Active<'_>],
    route: Route,
    events: &[&Event],
    now: Timestamp,
) -> Result<Vec<(Alert, MailRequest)>, StoreError> {
    let mut found = Vec::new();
    for active in use_cases {
        let (rule, settings) = (&active.entry.rule, &active.settings);
        let mut by_key: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
        for event in events.iter().filter(|event| rule.wants(settings, event)) {
            by_key.entry(rule.key(event)).or_default().push(event);
        }
        for (key, events) in by_key {
            let mut memory = rule_states::lock(tx, active.id(), route, &key).await?;
            for event in events {
                let finding = rule.observe(settings, &mut memory, event, now);
                found.extend(finding.map(|finding| active.alert(finding, route, now)));
            }
            rule_states::save(tx, active.id(), route, &key, &memory).await?;
        }
    }
    Ok(found)
}

/// Asks the use cases about the memories that are `due`, if they still are: another consumer may have asked.
pub(super) async fn decide(
    tx: &mut Tx,
    use_cases: &[Active<'_>],
    route: Route,
    due: &[(String, String)],
    until: Timestamp,
    now: Timestamp,
) -> Result<Vec<(Alert, MailRequest)>, StoreError> {
    let mut found = Vec::new();
    for active in use_cases {
        let mut keys: Vec<&str> =
            due.iter().filter(|(use_case, _)| use_case == active.id()).map(|(_, key)| key.as_str()).collect();
        keys.sort_unstable();
        for key in keys {
            let mut memory = rule_states::lock(tx, active.id(), route, key).await?;
            if memory.due.is_some_and(|due| due <= until) {
                let finding = active.entry.rule.due(&active.settings, &mut memory);
                found.extend(finding.map(|finding| active.alert(finding, route, now)));
            }
            rule_states::save(tx, active.id(), route, key, &memory).await?;
        }
    }
    Ok(found)
}
