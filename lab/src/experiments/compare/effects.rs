//! The effects of the events: alerts and mails.

use std::time::{Duration, Instant};

use domain::Route;
use domain::api::{InboxMail, UseCaseView};

use super::drain::{LOOK_EVERY, PATIENCE, STABLE};
use crate::run::stack::Stack;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The alerts and mails beside those that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Those beyond.
    pub(super) surplus: u64,
    /// Those that lack: alerts about processed events, and mails about alerts.
    pub(super) missing: u64,
}

/// Counts the alerts and mails of one route, once nothing more comes; `expected` alerts are due.
pub(super) async fn count(
    stack: &Stack,
    http: &reqwest::Client,
    route: Route,
    expected: u64,
) -> anyhow::Result<Effects> {
    let (mut last, mut since) = ((0, 0), Instant::now());
    loop {
        let now @ (alerts, mails) = (alerts(stack, http, route).await?, mails(stack, http).await?);
        if now != last {
            (last, since) = (now, Instant::now());
        }
        // Each alert has a mail.
        let complete = mails >= alerts && alerts >= expected;
        if since.elapsed() > if complete { STABLE } else { PATIENCE } {
            let surplus = alerts.saturating_sub(expected) + mails.saturating_sub(expected);
            let missing = expected.saturating_sub(alerts) + alerts.saturating_sub(mails);
            return Ok(Effects { surplus, missing });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn alerts(stack: &Stack, http: &reqwest::Client, route: Route) -> anyhow::Result<u64> {
    let url = format!("http://{}/api/use-cases/steady-clicks", stack.upstreams().consumer);
    let view: UseCaseView = http.get(url).timeout(TIMEOUT).send().await?.error_for_status()?.json().await?;
    Ok(view.found.get(route).copied().unwrap_or_default())
}

/// All mails are of this route: the stack is its own.
async fn mails(stack: &Stack, http: &reqwest::Client) -> anyhow::Result<u64> {
    let url = format!("http://{}/api/inbox", stack.upstreams().inbox);
    let mails: Vec<InboxMail> = http.get(url).timeout(TIMEOUT).send().await?.error_for_status()?.json().await?;
    Ok(mails.len() as u64)
}
