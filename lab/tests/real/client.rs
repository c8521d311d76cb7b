//! A client with a session and an address of its own, and its view of the ledger and the inbox.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use domain::api::{EventResult, InboxMail, Outcome, SessionReport};
use domain::ledger::{Balance, Report};
use domain::{Event, Kind, Route, RouteChoice, SessionId, Source, Timestamp};
use lab::experiments::wire::Wire;
use lab::run::stack::Stack;
use runtime::testing::until;
use tracker::Answer;
use uuid::Uuid;

pub(crate) struct Client {
    pub(crate) wire: Wire,
    pub(crate) session: SessionId,
    pub(crate) ip: IpAddr,
}

impl Client {
    pub(crate) fn new(stack: &Stack, number: u8) -> Self {
        let ip = IpAddr::V4(Ipv4Addr::new(127, 0, 3, number));
        Self { wire: Wire::new(&stack.address(), Some(ip)).unwrap(), session: SessionId(Uuid::now_v7()), ip }
    }

    /// The events with these numbers, the same at each call. The first three are quick presses, which make a mail.
    pub(crate) fn events(&self, numbers: RangeInclusive<u64>) -> Vec<Event> {
        let event = |number: u64| {
            let id = Uuid::new_v5(&self.session.0, &number.to_be_bytes());
            let kind = if number <= 3 { Kind::KeyPress } else { Kind::ButtonClick };
            let time = Timestamp::from_millis(1_700_000_000_000).plus_millis(10 * number as i64);
            Event { sequence: Some(number), ..Event::new(id, Source::Session(self.session), kind, time) }
        };
        numbers.map(event).collect()
    }

    /// Sends the events once; returns the status, 0 without an answer, and how many were accepted.
    pub(crate) async fn post(&self, route: Route, events: &[Event]) -> (u16, usize) {
        let body = serde_json::to_vec(events).unwrap();
        let (status, results) = match self.wire.post(RouteChoice::One(route), body).await {
            Answer::Reply(reply) => (200, reply.results),
            Answer::Refused(problem) => (problem.status, problem.results),
            Answer::Unreachable(_) => (0, Vec::new()),
        };
        let is_accepted =
            |result: &&EventResult| matches!(result.routes.get(route), Some(Outcome::Accepted | Outcome::Duplicate));
        (status, results.iter().filter(is_accepted).count())
    }

    /// Sends the events with these numbers once; returns how many were accepted.
    pub(crate) async fn send(&self, route: Route, numbers: RangeInclusive<u64>) -> usize {
        self.post(route, &self.events(numbers)).await.1
    }

    /// Sends the events with these numbers until all are accepted.
    pub(crate) async fn deliver(&self, route: Route, numbers: RangeInclusive<u64>) {
        let count = numbers.clone().count();
        until("all are accepted", async || self.send(route, numbers.clone()).await == count).await;
    }

    /// Reports the events up to this number as accepted; returns whether the consumer has acknowledged it.
    pub(crate) async fn report(&self, routes: &[Route], last: u64) -> bool {
        let report = Report { emitted: (1..=last).collect(), accepted: (1..=last).collect(), ..Report::default() };
        let routes = routes.iter().map(|&route| (route, report.clone())).collect();
        self.wire.report(self.session, &SessionReport { routes, ..SessionReport::default() }).await
    }

    /// The ledger of this session on a route; all zeros if the ledger does not have it yet.
    pub(crate) async fn balance(&self, route: Route) -> reqwest::Result<Balance> {
        let sessions = self.wire.ledger(self.session).await?.sessions;
        Ok(sessions.iter().find(|of| of.route == route).map(|of| of.balance).unwrap_or_default())
    }

    pub(crate) async fn until_processed(&self, route: Route, events: u64) {
        let all = async || self.balance(route).await.is_ok_and(|balance| balance.processed == events);
        until(&format!("{events} are processed on {route}"), all).await;
    }

    /// The mails about this client in the inbox.
    pub(crate) async fn mails(&self) -> reqwest::Result<Vec<InboxMail>> {
        let mut mails: Vec<InboxMail> = self.wire.get("/api/inbox").await?;
        mails.retain(|mail| mail.subject == self.subject());
        Ok(mails)
    }

    /// The subject of these mails.
    pub(crate) fn subject(&self) -> String {
        format!("Steady clicks from {}", self.ip)
    }
}
