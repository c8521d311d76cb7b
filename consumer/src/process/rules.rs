//! New events through the use cases, with what these remember, in the step's transaction.

use std::collections::BTreeMap;

use domain::mail::MailRequest;
use domain::rules::{self, Addresses, Alert, UseCase};
use domain::{Event, Route, Timestamp};

use crate::store::{StoreError, Tx, rule_states};

/// Feeds `events` to every use case that wants them; states are locked in one order everywhere.
pub(super) async fn observe(
    tx: &mut Tx,
    use_cases: &[Box<dyn UseCase>],
    addresses: &Addresses,
    route: Route,
    events: impl Iterator<Item = &Event> + Clone,
    now: Timestamp,
) -> Result<Vec<(Alert, MailRequest)>, StoreError> {
    let mut found = Vec::new();
    for use_case in use_cases {
        let mut by_key: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
        for event in events.clone().filter(|event| use_case.wants(event)) {
            by_key.entry(&event.partitionkey).or_default().push(event);
        }
        for (key, events) in by_key {
            let mut state = rule_states::lock(tx, use_case.id(), route, key).await?;
            for event in events {
                if let Some(activity) = use_case.observe(&mut state, event) {
                    found.push(rules::alert(use_case.as_ref(), activity, event, route, now, addresses));
                }
            }
            rule_states::save(tx, use_case.id(), route, key, &state).await?;
        }
    }
    Ok(found)
}
