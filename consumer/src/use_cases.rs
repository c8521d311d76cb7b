//! The use cases with their present settings: the defaults and the changes in the database.

use std::sync::Arc;

use domain::mail_request::MailRequest;
use domain::rules::{self, Alert, Field, Finding, RECIPIENT, Settings, UseCase};
use domain::{Route, Timestamp};
use sqlx::{Any, Executor};

use crate::store::{StoreError, settings};

/// All use cases.
#[derive(Clone)]
pub struct UseCases {
    entries: Arc<[Entry]>,
    from: Arc<str>,
}

/// A use case and its fields.
pub struct Entry {
    /// The rule.
    pub rule: Box<dyn UseCase>,
    /// Its own fields, and the recipient.
    pub fields: Vec<Field>,
}

/// A use case with its present settings.
pub struct Active<'a> {
    /// The use case.
    pub entry: &'a Entry,
    /// Its settings.
    pub settings: Settings,
    from: &'a str,
}

impl UseCases {
    /// All use cases; mails go from `from` to `to`, unless another recipient is set.
    pub fn new(from: &str, to: &str) -> Self {
        let entries = rules::all().into_iter().map(|rule| {
            let mut fields = rule.fields();
            fields.push(Field::recipient(to));
            Entry { rule, fields }
        });
        Self { entries: entries.collect(), from: from.into() }
    }

    /// The use case with this name.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.rule.id() == id)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.rule.id())
    }

    /// All use cases with their present settings, in the order in which their memories are locked.
    pub async fn active<'e>(&self, from: impl Executor<'e, Database = Any>) -> Result<Vec<Active<'_>>, StoreError> {
        let set = settings::load(from).await?;
        let active = self.entries.iter().map(|entry| {
            let defaults = Settings::default_of(&entry.fields);
            let settings = match set.get(entry.rule.id()).map(|given| defaults.changed(&entry.fields, given)) {
                None => defaults,
                Some(Ok(changed)) => changed,
                Some(Err(error)) => {
                    tracing::warn!(use_case = entry.rule.id(), %error, "the stored settings are not valid; the defaults are used");
                    defaults
                }
            };
            Active { entry, settings, from: &self.from }
        });
        Ok(active.collect())
    }
}

impl Active<'_> {
    /// Its name.
    pub fn id(&self) -> &'static str {
        self.entry.rule.id()
    }

    /// The alert and the mail for a finding.
    pub fn alert(&self, finding: Finding, route: Route, now: Timestamp) -> (Alert, MailRequest) {
        rules::alert(self.id(), finding, route, now, self.from, self.settings.text(RECIPIENT))
    }
}
