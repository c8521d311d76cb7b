//! The entries of the inbox: the mails of one finding over all routes, or a mail that stands alone; the newest finding first.

use domain::api::InboxMail;
use domain::mail_request::{MailState, MailStatus};
use domain::rules::{Activity, period_and_route};
use domain::{Route, Timestamp};
use uuid::Uuid;

use crate::sorted::sorted;
use crate::state::findings::Findings;

/// The mails of one finding, or a mail whose finding is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its key; it stays when more of its mails come.
    pub id: Uuid,
    /// The subject of its mails.
    pub subject: String,
    /// The period of the finding, if it is known.
    period: Option<Activity>,
    /// The mails in the routes' order; those of one route, oldest first.
    pub mails: Vec<Mail>,
}

/// A mail of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The route of its finding, if it is known.
    pub route: Option<Route>,
    /// When it came; when its state last changed, if it has not come.
    pub at: Timestamp,
    /// The mail.
    pub content: Content,
}

/// A mail as it came, or the state of one that has not come.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The SMTP server received it.
    Came(InboxMail),
    /// The mailer has it.
    Waits(MailStatus),
}

impl Entry {
    /// The time of its first mail.
    pub fn began(&self) -> Timestamp {
        self.mails.iter().map(|mail| mail.at).min().unwrap_or_default()
    }

    /// Whether one of its mails came.
    pub fn has_come(&self) -> bool {
        self.mails.iter().any(|mail| matches!(mail.content, Content::Came(_)))
    }

    /// The time from the first mail that came until this one came, in milliseconds; none if it has not come.
    pub fn after_first_ms(&self, mail: &Mail) -> Option<f64> {
        let came = |mail: &&Mail| matches!(mail.content, Content::Came(_));
        let first = self.mails.iter().filter(came).map(|mail| mail.at).min()?;
        came(&mail).then(|| mail.at.millis_since(first))
    }

    /// The first line of a mail that came.
    pub fn gist(&self) -> &str {
        let came = self.mails.iter().find_map(|mail| match &mail.content {
            Content::Came(mail) => mail.text.lines().next(),
            Content::Waits(_) => None,
        });
        came.unwrap_or_default()
    }
}

/// The entries of the mails that came, and of those that the mailer still has or gave up.
///
/// Mails are of one finding if subject and period are the same. The text of a mail names its period and route; for a mail
/// that has not come, its alert does.
pub fn group(came: Vec<InboxMail>, requested: Vec<MailStatus>, findings: &Findings) -> Vec<Entry> {
    let has_come = |id: Uuid| {
        let id = id.to_string();
        came.iter().any(|mail| mail.message_id.starts_with(&id))
    };
    let waits = requested.into_iter().filter(|mail| mail.state != MailState::Sent && !has_come(mail.id));
    let mut all: Vec<_> = waits
        .map(|mail| {
            let found = findings.alert_with(mail.id).map(|alert| (alert.activity, alert.route));
            (mail.subject.clone(), mail.id.to_string(), found, mail.changed_at, Content::Waits(mail))
        })
        .collect();
    // The oldest first, nearly in order for the sort.
    all.extend(came.into_iter().rev().map(|mail| {
        let found = period_and_route(&mail.text);
        (mail.subject.clone(), mail.id.clone(), found, mail.received_at, Content::Came(mail))
    }));
    let mut entries: Vec<Entry> = Vec::new();
    for (subject, name, found, at, content) in sorted(all, |&(_, _, _, at, _)| at) {
        let (period, route) = found.unzip();
        let mail = Mail { route, at, content };
        let of_finding = |entry: &&mut Entry| period.is_some() && entry.period == period && entry.subject == subject;
        if let Some(entry) = entries.iter_mut().rev().find(of_finding) {
            let place = entry.mails.partition_point(|other| other.route <= route);
            entry.mails.insert(place, mail);
            continue;
        }
        let id = match period {
            Some(Activity { started, ended }) => number(&format!("{subject} {} {}", started.micros(), ended.micros())),
            None => number(&name),
        };
        entries.push(Entry { id, subject, period, mails: vec![mail] });
    }
    entries.reverse();
    entries
}

/// A number for a text, by FNV-1a.
fn number(text: &str) -> Uuid {
    const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    Uuid::from_u128(text.bytes().fold(START, |number, byte| (number ^ u128::from(byte)).wrapping_mul(PRIME)))
}

#[cfg(test)]
mod tests;
