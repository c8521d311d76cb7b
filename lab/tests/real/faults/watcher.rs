//! A client of one case: sends the same events on each route, and watches the ledger and the inbox.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::api::SessionView;
use domain::mail_request::{MailState, MailStatus};
use domain::{ByRoute, Event, Route};
use futures_util::future::join_all;
use lab::run::stack::Stack;
use tokio::time::timeout;

use super::table::{Case, Effect, Mails};
use crate::client::Client;

/// Events and mails that have to wait are watched for so long.
const WATCH: Duration = Duration::from_millis(1_500);
/// The time in which all must be processed: longer than the longest timeout and the waits between tries.
const PATIENCE: Duration = Duration::from_secs(45);

/// The events on each route. The first three are quick presses, which make a mail.
pub(crate) const EVENTS: usize = 5;
/// The random bytes in an event, as hexadecimal digits: they cannot be compressed.
const PADDING: usize = 2_100;
/// The wait for an answer that does not come.
const SILENCE: Duration = Duration::from_secs(3);
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// The time for one look.
const LOOK_WITHIN: Duration = Duration::from_secs(1);

/// The answer to the events on one route.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// The status; 0 without an answer.
    pub(crate) status: u16,
    /// The events accepted.
    pub(crate) accepted: usize,
    /// The time until the answer.
    pub(crate) after: Duration,
}

/// Moments since the sending.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observed {
    /// All events of the route were processed.
    pub(crate) processed: Option<Duration>,
    /// Some events were processed.
    pub(crate) some: bool,
    /// The mail of the route had come.
    pub(crate) mail: Option<Duration>,
}

impl Observed {
    pub(crate) fn is_nothing(&self) -> bool {
        !self.some && self.mail.is_none()
    }
}

pub(crate) struct Watcher {
    client: Client,
    events: Vec<Event>,
}

/// What a part shows; nothing if it does not answer.
async fn look<T>(shown: impl Future<Output = reqwest::Result<T>>) -> Option<T> {
    timeout(LOOK_WITHIN, shown).await.ok()?.ok()
}

impl Watcher {
    pub(crate) fn new(stack: &Stack, number: u8) -> Self {
        let client = Client::new(stack, number);
        let digit = |_| char::from(b"0123456789abcdef"[rand::random_range(0..16)]);
        let padding = || serde_json::Value::String((0..PADDING).map(digit).collect());
        let padded = |event| Event { data: padding().into(), ..event };
        let events = client.events(1..=EVENTS as u64).into_iter().map(padded).collect();
        Self { client, events }
    }

    /// Sends the events on each route, all at the same time; watches until all that is expected of `case` has come, and at
    /// least for [`WATCH`] after the last answer.
    pub(crate) async fn send_and_observe(&self, case: &Case) -> (ByRoute<Sent>, ByRoute<Observed>) {
        let (began, answered) = (Instant::now(), OnceCell::new());
        let sending = async {
            let routes = Route::ALL.into_iter().zip(case.effects);
            let sent = join_all(routes.map(async |(route, effect)| {
                let most = if effect == Effect::Silent { SILENCE } else { PATIENCE };
                let silence = Sent { status: 0, accepted: 0, after: most };
                (route, timeout(most, self.send(route)).await.unwrap_or(silence))
            }));
            let sent = sent.await.into_iter().collect();
            answered.set(Instant::now()).unwrap();
            sent
        };
        let watching = async {
            let mut observed = ByRoute::from(Route::ALL.map(|route| (route, Observed::default())));
            loop {
                self.observe(began, &mut observed).await;
                let complete = Route::ALL.into_iter().zip(case.effects).all(|(route, effect)| {
                    let is_processed = !matches!(effect, Effect::Held | Effect::Refused(_) | Effect::Silent);
                    let mails = is_processed && matches!(case.mails, Mails::AtOnce | Mails::After(_));
                    (!is_processed || observed[route].processed.is_some()) && (!mails || observed[route].mail.is_some())
                });
                let watched = answered.get().is_some_and(|answered| answered.elapsed() > WATCH);
                if (complete && watched) || began.elapsed() > PATIENCE {
                    return observed;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::join!(sending, watching)
    }

    async fn send(&self, route: Route) -> Sent {
        let began = Instant::now();
        let (status, accepted) = self.client.post(route, &self.events).await;
        Sent { status, accepted, after: began.elapsed() }
    }

    /// Notes what has come on each route.
    async fn observe(&self, began: Instant, observed: &mut ByRoute<Observed>) {
        for session in self.sessions().await {
            let seen = observed.get_or_default(session.route);
            seen.some |= session.balance.processed > 0;
            if session.balance.processed == EVENTS as u64 {
                seen.processed.get_or_insert(began.elapsed());
            }
        }
        for mail in look(self.client.mails()).await.unwrap_or_default() {
            let route = Route::ALL.into_iter().find(|route| mail.text.contains(&format!("route: {route}"))).unwrap();
            observed.get_or_default(route).mail.get_or_insert(began.elapsed());
        }
    }

    /// The ledger of this session; empty if the consumer does not answer.
    async fn sessions(&self) -> Vec<SessionView> {
        look(self.client.wire.ledger(self.client.session)).await.map(|view| view.sessions).unwrap_or_default()
    }

    /// Sends the events again on each route that has not accepted them, until it does.
    pub(crate) async fn deliver_the_rest(&self, sent: &ByRoute<Sent>) {
        let deadline = Instant::now() + PATIENCE;
        join_all(Route::ALL.map(async |route| {
            let mut accepted = sent[route].accepted;
            while accepted < EVENTS {
                assert!(Instant::now() < deadline, "{route} accepts nothing after the end of the fault");
                accepted = self.send(route).await.accepted;
                tokio::time::sleep(LOOK).await;
            }
        }))
        .await;
        while !self.client.report(&Route::ALL, EVENTS as u64).await {
            assert!(Instant::now() < deadline, "the consumer takes no report");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until every event is processed, with the effects of one arrival: nothing lost, residual 0, one mail on each route.
    pub(crate) async fn until_exact(&self, name: &str, expected: Mails) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let balances: Vec<_> = self.sessions().await.iter().map(|session| session.balance).collect();
            let exact = balances.len() == 3
                && balances.iter().all(|of| (of.processed, of.lost, of.residual) == (EVENTS as u64, 0, 0));
            let mut statuses: Vec<MailStatus> = look(self.client.wire.get("/api/mails")).await.unwrap_or_default();
            statuses.retain(|status| status.subject == self.client.subject());
            let settled = if expected == Mails::Never { MailState::Failed } else { MailState::Sent };
            if exact && statuses.len() == 3 && statuses.iter().all(|status| status.state == settled) {
                let mails = look(self.client.mails()).await.unwrap();
                let mails: Vec<String> = mails.into_iter().map(|mail| mail.message_id).collect();
                let different = mails.iter().collect::<BTreeSet<_>>().len();
                let interrupted: u32 = statuses.iter().map(|status| status.interrupted).sum();
                assert_eq!(different, if expected == Mails::Never { 0 } else { 3 }, "{name}: {mails:?}");
                // SMTP leaves open whether a try that was cut off has succeeded.
                assert!(mails.len() - different <= interrupted as usize, "{name}: {mails:?}, {statuses:?}");
                return;
            }
            assert!(Instant::now() < deadline, "{name} does not end: {balances:?}, {statuses:?}");
            tokio::time::sleep(LOOK).await;
        }
    }
}
