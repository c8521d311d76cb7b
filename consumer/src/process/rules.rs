//! Runs the use cases on new events, with their memories, in the step's transaction.

use std::collections::BTreeMap;

use domain::mail_request::MailRequest;
use domain::rules::Alert;
use domain::{Event, Route, Timestamp};

use crate::store::rule_states::{self, Key};
use crate::store::{StoreError, Tx};
use crate::use_cases::Active;

/// A use case and the events for it, by the key of its memory.
pub(super) struct Wanted<'a> {
    active: &'a Active<'a>,
    by_key: BTreeMap<String, Vec<&'a Event>>,
}

impl<'a> Wanted<'a> {
    /// The use case's choice of the events.
    pub(super) fn among(events: &[&'a Event], active: &'a Active<'a>) -> Self {
        let (rule, mut by_key) = (&active.entry.rule, BTreeMap::<String, Vec<&'a Event>>::new());
        for event in events.iter().copied().filter(|event| rule.wants(&active.settings, event)) {
            by_key.entry(rule.key(event)).or_default().push(event);
        }
        Self { active, by_key }
    }

    /// The use case's name.
    pub(super) fn use_case(&self) -> &'static str {
        self.active.id()
    }

    /// All events for it.
    pub(super) fn events(&self) -> impl Iterator<Item = &'a Event> {
        self.by_key.values().flatten().copied()
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        self.by_key.keys().map(|key| (self.use_case().to_owned(), key.clone()))
    }
}

/// Passes each event to the use cases for it.
pub(super) async fn observe(
    tx: &mut Tx,
    wanted: &[Wanted<'_>],
    route: Route,
    now: Timestamp,
) -> Result<Vec<(Alert, MailRequest)>, StoreError> {
    let mut memories = rule_states::lock(tx, route, wanted.iter().flat_map(Wanted::keys).collect()).await?;
    let mut found = Vec::new();
    for ((use_case, key), memory) in &mut memories {
        let Some(Wanted { active, by_key }) = wanted.iter().find(|wanted| wanted.use_case() == use_case) else {
            continue;
        };
        for event in by_key.get(key).into_iter().flatten() {
            let finding = active.entry.rule.observe(&active.settings, memory, event, now);
            found.extend(finding.map(|finding| active.alert(finding, route, now)));
        }
    }
    rule_states::save(tx, route, &memories, now).await?;
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
    rule_states::save(tx, route, &memories, now).await?;
    Ok(found)
}
