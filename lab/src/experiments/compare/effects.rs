//! The effects of the events: alerts and mails.

use std::time::Instant;

use domain::Route;
use domain::api::{InboxMail, UseCaseView};

use super::drain::{LOOK_EVERY, PATIENCE, STABLE};
use crate::run::stack::Stack;

/// Counts the alerts and mails of one route.
pub(super) struct Effects<'a> {
    pub(super) stack: &'a Stack,
    pub(super) http: &'a reqwest::Client,
    pub(super) route: Route,
}

impl Effects<'_> {
    /// The alerts and mails beyond `expected` of each, once nothing more comes.
    pub(super) async fn surplus(&self, expected: u64) -> anyhow::Result<u64> {
        let (mut last, mut since) = ((0, 0), Instant::now());
        loop {
            let now @ (alerts, mails) = (self.alerts().await?, self.mails().await?);
            if now != last {
                (last, since) = (now, Instant::now());
            }
            // Each alert has a mail.
            let complete = mails >= alerts && alerts >= expected;
            if since.elapsed() > if complete { STABLE } else { PATIENCE } {
                return Ok(alerts.saturating_sub(expected) + mails.saturating_sub(expected));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn alerts(&self) -> anyhow::Result<u64> {
        let url = format!("http://{}/api/use-cases/steady-clicks", self.stack.upstreams().consumer);
        let view: UseCaseView = self.http.get(url).send().await?.error_for_status()?.json().await?;
        Ok(view.found.get(self.route).copied().unwrap_or_default())
    }

    /// All mails are of this route: the stack is its own.
    async fn mails(&self) -> anyhow::Result<u64> {
        let url = format!("http://{}/api/inbox", self.stack.upstreams().inbox);
        let mails: Vec<InboxMail> = self.http.get(url).send().await?.error_for_status()?.json().await?;
        Ok(mails.len() as u64)
    }
}
