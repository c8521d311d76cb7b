//! Watches whether the peers are up, and the states of the mails: twice a second, and when the broker comes or goes.

use std::sync::Arc;
use std::time::Duration;

use domain::api::{MailView, Part, Problem, Topology};
use domain::mail_request::MailStatus;
use runtime::database::POSTGRES;
use runtime::dependency::Dependency;
use tokio_util::sync::CancellationToken;

use crate::live::Live;

/// How often.
const EVERY: Duration = Duration::from_millis(500);

/// The peers to watch.
pub struct Peers {
    /// A client with a short timeout.
    pub client: reqwest::Client,
    /// The backend's address.
    pub backend_url: String,
    /// The mailer's address.
    pub mailer_url: String,
    /// The broker's error, if it has one; none where there is no broker.
    pub broker: Option<tokio::sync::watch::Receiver<Option<String>>>,
    /// The consumer's own database.
    pub database: Dependency,
}

/// Why the mailer did not give what it was asked for.
enum MailerTrouble {
    /// The mailer itself.
    Own(String),
    /// The mailer answers; its PostgreSQL server does not.
    Postgres,
}

/// Watches until the service stops.
pub async fn watch(mut peers: Peers, live: Arc<Live>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut seen: Vec<MailStatus> = Vec::new();
    while stop.run_until_cancelled(peers.next_look()).await.is_some() {
        let (backend, mails) = tokio::join!(peers.trouble(&peers.backend_url), peers.mails());
        let mut parts = Vec::new();
        // Read after the slow answers of the others, so that it is not outdated. The servers come before those that need them.
        if let Some(broker) = &mut peers.broker {
            parts.push(part("broker", broker.borrow_and_update().clone()));
        }
        parts.extend(peers.postgres(matches!(mails, Err(MailerTrouble::Postgres))));
        parts.push(part("backend", backend));
        let mailer = match &mails {
            Err(MailerTrouble::Own(why)) => Some(why.clone()),
            // A mailer without its database is not the part that is down.
            Ok(_) | Err(MailerTrouble::Postgres) => None,
        };
        parts.push(part("mailer", mailer));
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

impl Peers {
    /// Waits until it is time to look again.
    async fn next_look(&mut self) {
        let broker = async {
            let Some(broker) = &mut self.broker else { return std::future::pending().await };
            // The probe has ended: the service stops.
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

    /// The PostgreSQL server, if the consumer has its database there, or if the mailer misses it.
    fn postgres(&self, mailer_misses_it: bool) -> Option<Part> {
        let of_mailer = || mailer_misses_it.then(|| "it does not answer the mailer".to_owned());
        let trouble = self.database.trouble().or_else(of_mailer);
        (self.database.name() == POSTGRES || trouble.is_some()).then(|| part(POSTGRES, trouble))
    }

    async fn mails(&self) -> Result<Vec<MailStatus>, MailerTrouble> {
        let silent = |_: reqwest::Error| MailerTrouble::Own("it does not answer".to_owned());
        let answer = self.client.get(format!("{}/api/mails", self.mailer_url)).send().await.map_err(silent)?;
        let status = answer.status();
        if status.is_success() {
            return answer.json().await.map_err(silent);
        }
        match answer.json::<Problem>().await.ok().and_then(|problem| problem.dependency) {
            Some(server) if server == POSTGRES => Err(MailerTrouble::Postgres),
            Some(server) => Err(MailerTrouble::Own(format!("it cannot use {server}"))),
            None => Err(MailerTrouble::Own(format!("it answers {status}"))),
        }
    }
}
