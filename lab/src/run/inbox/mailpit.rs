//! The mails of a Mailpit, in the format of our own inbox.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use domain::api::InboxMail;
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::mail;

/// The most mails that are shown; the latest.
const MOST: &str = "100";
/// How long Mailpit may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A client of a Mailpit.
#[derive(Clone, Debug)]
pub struct Mailpit {
    url: String,
    client: reqwest::Client,
    /// Mails that were fetched before; a mail never changes.
    known: Arc<Mutex<HashMap<String, InboxMail>>>,
}

#[derive(Debug, Deserialize)]
struct List {
    messages: Vec<Summary>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Created")]
    created: Timestamp,
}

impl Mailpit {
    /// The Mailpit at `url`; it need not run yet.
    pub fn new(url: String) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { url, client, known: Arc::default() })
    }

    /// The latest mails, newest first.
    pub async fn latest(&self) -> reqwest::Result<Vec<InboxMail>> {
        let mut known = self.known.lock().await;
        let list: List = self.get(&format!("/api/v1/messages?limit={MOST}")).await?.json().await?;
        let mut mails = Vec::new();
        for Summary { id, created } in list.messages {
            let mail = match known.remove(&id) {
                Some(mail) => mail,
                None => {
                    // The raw mail: the summary holds only the beginning of the text, and the other requests mark the mail as read.
                    let bytes = self.get(&format!("/api/v1/message/{id}/raw")).await?.bytes().await?;
                    InboxMail { id, received_at: created, ..mail::read(Uuid::nil(), &bytes) }
                }
            };
            mails.push(mail);
        }
        // Mails that Mailpit has deleted are removed here, too.
        *known = mails.iter().map(|mail| (mail.id.clone(), mail.clone())).collect();
        Ok(mails)
    }

    async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        self.client.get(format!("{}{path}", self.url)).send().await?.error_for_status()
    }
}
