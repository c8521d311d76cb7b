//! The effects of the events: alerts and mails.

use std::time::{Duration, Instant};

use domain::Route;
use domain::api::{InboxMail, UseCaseView};
use domain::mail_request::{MailState, MailStatus};

use super::drain::{LOOK_EVERY, PATIENCE, STABLE};
use crate::experiments::wire::Wire;

/// How long mails may wait at the mailer: longer than its longest time between two tries.
const MAILER_PATIENCE: Duration = Duration::from_secs(45);

/// The difference to the alerts and mails that were due, in sum: one too many hides one that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Too many.
    pub(super) surplus: u64,
    /// Missing: alerts about processed events, and mails about alerts that the mail server has not refused for good.
    pub(super) missing: u64,
}

/// Counts the alerts and mails of one route, once nothing more comes; `expected` alerts are due.
pub(super) async fn count(wire: &Wire, route: Route, expected: u64) -> anyhow::Result<Effects> {
    let (mut last, mut since) = ((0, 0), Instant::now());
    loop {
        let view: UseCaseView = wire.get("/api/use-cases/steady-clicks").await?;
        // All mails are of this route: the stack is its own.
        let mails: Vec<InboxMail> = wire.get("/api/inbox").await?;
        let states: Vec<MailStatus> = wire.get("/api/mails").await?;
        let of_state = |state| states.iter().filter(|mail| mail.state == state).count() as u64;
        let refused = of_state(MailState::Failed);
        let (alerts, mails) = (view.found.get(route).copied().unwrap_or_default(), mails.len() as u64);
        if (alerts, mails) != last {
            (last, since) = ((alerts, mails), Instant::now());
        }
        // Each alert has a mail.
        let patience = match mails + refused >= alerts && alerts >= expected {
            true => STABLE,
            false if states.len() as u64 > refused + of_state(MailState::Sent) => MAILER_PATIENCE,
            false => PATIENCE,
        };
        if since.elapsed() > patience {
            let surplus = alerts.saturating_sub(expected) + mails.saturating_sub(expected);
            let missing = expected.saturating_sub(alerts) + alerts.saturating_sub(mails + refused);
            return Ok(Effects { surplus, missing });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
