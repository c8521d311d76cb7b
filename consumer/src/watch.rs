//! Twice a second, and when the broker comes or goes: are the neighbours up, and what became of the mails?

use std::sync::Arc;
use std::time::Duration;

use domain::api::{MailView, Part, Topology};
use domain::mail::MailStatus;
use tokio_util::sync::CancellationToken;

use crate::live::Live;

/// How often.
const EVERY: Duration = Duration::from_millis(500);

/// Whom to ask.
pub struct Neighbours {
    /// How to ask; with a short timeout.
    pub client: reqwest::Client,
    /// The backend's address.
    pub backend_url: String,
    /// The mailer's address.
    pub mailer_url: String,
    /// The broker's trouble, if it has any; none where there is no broker at all.
    pub broker: Option<tokio::sync::watch::Receiver<Option<String>>>,
}

/// Watches until the service stops.
pub async fn watch(mut neighbours: Neighbours, live: Arc<Live>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut seen: Vec<MailStatus> = Vec::new();
    while stop.run_until_cancelled(neighbours.news()).await.is_some() {
        let (backend, mails) = tokio::join!(neighbours.trouble(&neighbours.backend_url), neighbours.mails());
        let mut parts = Vec::new();
        // Last: what the others take to answer must not make it old.
        if let Some(broker) = &mut neighbours.broker {
            parts.push(part("broker", broker.borrow_and_update().clone()));
        }
        parts.push(part("backend", backend));
        parts.push(part("mailer", mails.as_ref().err().map(|_| "it does not answer".to_owned())));
        live.topology(Topology { parts });
        if let Ok(mut mails) = mails {
            mails.reverse();
            for status in mails.iter().filter(|status| !seen.contains(status)) {
                live.mail(MailView { status: status.clone() });
            }
            seen = mails;
        }
    }
    Ok(())
}

fn part(name: &str, trouble: Option<String>) -> Part {
    Part { name: name.to_owned(), up: trouble.is_none(), trouble }
}

impl Neighbours {
    /// Waits until it is time to look again.
    async fn news(&mut self) {
        let broker = async {
            let Some(broker) = &mut self.broker else { return std::future::pending().await };
            // Nobody tells any more: the service stops.
            if broker.changed().await.is_err() {
                std::future::pending().await
            }
        };
        tokio::select! { () = tokio::time::sleep(EVERY) => {}, () = broker => {} }
    }

    async fn trouble(&self, url: &str) -> Option<String> {
        match self.client.get(format!("{url}/readyz")).send().await {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(_) => Some("it does not answer".to_owned()),
        }
    }

    async fn mails(&self) -> Result<Vec<MailStatus>, reqwest::Error> {
        self.client.get(format!("{}/api/mails", self.mailer_url)).send().await?.error_for_status()?.json().await
    }
}
