//! A client of one case: sends the same events on each route, and watches the ledger and the inbox.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use domain::api::{EventResult, InboxMail, LedgerView, Outcome, SessionReport, SessionView};
use domain::event::SpecVersion;
use domain::ledger::Report;
use domain::mail::{MailState, MailStatus};
use domain::{ByRoute, Event, Intervals, Kind, Route, RouteChoice, SessionId, Source, Timestamp};
use futures_util::future::join_all;
use lab::experiments::wire::Wire;
use lab::run::stack::Stack;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use tracker::Answer;
use uuid::Uuid;

use crate::table::{Case, Effect, Mails};

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

pub(crate) struct Client {
    wire: Wire,
    http: reqwest::Client,
    address: String,
    ip: IpAddr,
    session: SessionId,
    events: Vec<Event>,
}

impl Client {
    /// A client with a session and an address of its own.
    pub(crate) fn new(stack: &Stack, number: u8) -> Self {
        let ip = IpAddr::V4(Ipv4Addr::new(127, 0, 2, number));
        let (address, session) = (stack.address().replace("localhost", "127.0.0.1"), SessionId(Uuid::now_v7()));
        let event = |place: usize| Event {
            specversion: SpecVersion::V1,
            id: Uuid::now_v7(),
            source: Source::Session(session),
            kind: if place < 3 { Kind::KeyPress } else { Kind::ButtonClick },
            time: Timestamp::from_millis(1_700_000_000_000).plus_millis(10 * place as i64),
            sequence: Some(place as u64 + 1),
            partitionkey: String::new(),
            traceparent: None,
            receivedtime: None,
            data: (0..PADDING)
                .map(|_| char::from(b"0123456789abcdef"[rand::random_range(0..16)]))
                .collect::<String>()
                .into(),
        };
        let http = reqwest::Client::builder().timeout(Duration::from_secs(1)).no_proxy().build().unwrap();
        let wire = Wire::new(&address, Some(ip)).unwrap();
        Self { wire, http, address, ip, session, events: (0..EVENTS).map(event).collect() }
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
        let body = serde_json::to_vec(&self.events).unwrap();
        let (status, results) = match self.wire.post(RouteChoice::One(route), body).await {
            Answer::Reply(reply) => (200, reply.results),
            Answer::Refused(problem) => (problem.status, problem.results),
            Answer::Unreachable(_) => (0, Vec::new()),
        };
        let is_accepted =
            |result: &&EventResult| matches!(result.routes.get(route), Some(Outcome::Accepted | Outcome::Duplicate));
        Sent { status, accepted: results.iter().filter(is_accepted).count(), after: began.elapsed() }
    }

    /// Notes what has come on each route. A part that does not answer shows nothing.
    async fn observe(&self, began: Instant, observed: &mut ByRoute<Observed>) {
        for session in self.sessions().await {
            let seen = observed.get_or_default(session.route);
            seen.some |= session.balance.processed > 0;
            if session.balance.processed == EVENTS as u64 {
                seen.processed.get_or_insert(began.elapsed());
            }
        }
        for mail in self.mails().await.unwrap_or_default() {
            let route = Route::ALL.into_iter().find(|route| mail.text.contains(&format!("route: {route}"))).unwrap();
            observed.get_or_default(route).mail.get_or_insert(began.elapsed());
        }
    }

    /// The ledger of this session; empty if the consumer does not answer.
    async fn sessions(&self) -> Vec<SessionView> {
        let view: Option<LedgerView> = self.get(&format!("/api/ledger?session={}", self.session)).await;
        view.map(|view| view.sessions).unwrap_or_default()
    }

    /// The mails of this client; none if the inbox does not answer.
    async fn mails(&self) -> Option<Vec<InboxMail>> {
        let mut mails: Vec<InboxMail> = self.get("/api/inbox").await?;
        let subject = format!("Steady clicks from {}", self.ip);
        mails.retain(|mail| mail.subject == subject);
        Some(mails)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        self.http.get(format!("{}{path}", self.address)).send().await.ok()?.error_for_status().ok()?.json().await.ok()
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
        let all: Intervals = (1..=EVENTS as u64).collect();
        let report = Report { emitted: all.clone(), accepted: all, ..Report::default() };
        let report = SessionReport {
            routes: Route::ALL.into_iter().map(|route| (route, report.clone())).collect(),
            ..SessionReport::default()
        };
        while !self.wire.report(self.session, &report).await {
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
            let statuses: Vec<MailStatus> = self.get("/api/mails").await.unwrap_or_default();
            let subject = format!("Steady clicks from {}", self.ip);
            let settled = if expected == Mails::Never { MailState::Failed } else { MailState::Sent };
            let statuses: Vec<_> = statuses.into_iter().filter(|status| status.subject == subject).collect();
            if exact && statuses.len() == 3 && statuses.iter().all(|status| status.state == settled) {
                let mails: Vec<String> = self.mails().await.unwrap().into_iter().map(|mail| mail.message_id).collect();
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
