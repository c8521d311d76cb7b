//! The mails that a Mailpit keeps, in the shape of our own inbox.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use domain::api::InboxMail;
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::mail;

/// As many mails are shown, the latest.
const MOST: &str = "100";
/// How long Mailpit may take for one answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The way to a Mailpit.
#[derive(Clone, Debug)]
pub struct Mailpit {
    url: String,
    client: reqwest::Client,
    /// A mail never changes: each is fetched once, by whoever asks first.
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
    /// The Mailpit at `url`, which may not be there yet.
    pub fn new(url: String) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
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
                    // As it came: its summary holds only the beginning of its text, and asking for more marks it as read.
                    let bytes = self.get(&format!("/api/v1/message/{id}/raw")).await?.bytes().await?;
                    InboxMail { id, received_at: created, ..mail::read(Uuid::nil(), &bytes) }
                }
            };
            mails.push(mail);
        }
        // Those that Mailpit has no more are forgotten.
        *known = mails.iter().map(|mail| (mail.id.clone(), mail.clone())).collect();
        Ok(mails)
    }

    async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        self.client.get(format!("{}{path}", self.url)).send().await?.error_for_status()
    }
}
