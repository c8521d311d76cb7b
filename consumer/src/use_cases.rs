//! The use cases as they are set now: their defaults, and what the books say was changed.

use std::sync::Arc;

use domain::mail::MailRequest;
use domain::rules::{self, Alert, Field, Finding, RECIPIENT, Settings, UseCase};
use domain::{Route, Timestamp};
use sqlx::{Any, Executor};

use crate::store::{StoreError, settings};

/// All of them.
#[derive(Clone)]
pub struct UseCases {
    entries: Arc<[Entry]>,
    from: Arc<str>,
}

/// One of them, and what can be set about it.
pub struct Entry {
    /// The rule.
    pub rule: Box<dyn UseCase>,
    /// Its own fields, and the recipient.
    pub fields: Vec<Field>,
}

/// One of them as it is set now.
pub struct Active<'a> {
    /// Which.
    pub entry: &'a Entry,
    /// Its settings.
    pub settings: Settings,
    from: &'a str,
}

impl UseCases {
    /// All there are; mails go from one address to another, unless somebody sets another recipient.
    pub fn new(from: &str, to: &str) -> Self {
        let entries = rules::all().into_iter().map(|rule| {
            let mut fields = rule.fields();
            fields.push(Field::recipient(to));
            Entry { rule, fields }
        });
        Self { entries: entries.collect(), from: from.into() }
    }

    /// The one with this name.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.rule.id() == id)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.rule.id())
    }

    /// All of them as they are set now, in the order in which their memories are locked.
    pub async fn active<'e>(&self, books: impl Executor<'e, Database = Any>) -> Result<Vec<Active<'_>>, StoreError> {
        let set = settings::load(books).await?;
        let active = self.entries.iter().map(|entry| {
            let defaults = Settings::default_of(&entry.fields);
            let settings = match set.get(entry.rule.id()).map(|given| defaults.changed(&entry.fields, given)) {
                None => defaults,
                Some(Ok(changed)) => changed,
                Some(Err(error)) => {
                    tracing::warn!(use_case = entry.rule.id(), %error, "what was set does not fit; the defaults hold");
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

    /// The alert and the mail for what it found.
    pub fn alert(&self, finding: Finding, route: Route, now: Timestamp) -> (Alert, MailRequest) {
        rules::alert(self.id(), finding, route, now, self.from, self.settings.text(RECIPIENT))
    }
}
