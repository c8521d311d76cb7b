//! A sender with a session and an address of its own, and its view of the ledger and the inbox.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use domain::api::{InboxMail, LedgerView, Outcome};
use domain::event::SpecVersion;
use domain::{Event, Kind, Route, RouteChoice, SessionId, Source, Timestamp};
use lab::experiments::wire::Wire;
use lab::run::stack::Stack;
use runtime::testing::until;
use uuid::Uuid;

pub(crate) struct Sender {
    pub(crate) wire: Wire,
    pub(crate) session: SessionId,
    ip: IpAddr,
    address: String,
}

impl Sender {
    pub(crate) fn new(stack: &Stack, number: u8) -> Self {
        let ip = IpAddr::V4(Ipv4Addr::new(127, 0, 3, number));
        let address = stack.address().replace("localhost", "127.0.0.1");
        Self { wire: Wire::new(&address, Some(ip)).unwrap(), session: SessionId(Uuid::now_v7()), ip, address }
    }

    /// The events with these numbers. The first three are quick presses, which make a mail.
    pub(crate) fn events(&self, numbers: RangeInclusive<u64>) -> Vec<Event> {
        let event = |number: u64| Event {
            specversion: SpecVersion::V1,
            id: Uuid::now_v7(),
            source: Source::Session(self.session),
            kind: if number <= 3 { Kind::KeyPress } else { Kind::ButtonClick },
            time: Timestamp::from_millis(1_700_000_000_000).plus_millis(10 * number as i64),
            sequence: Some(number),
            partitionkey: String::new(),
            traceparent: None,
            receivedtime: None,
            data: serde_json::Value::Null,
        };
        numbers.map(event).collect()
    }

    /// Sends the events once; returns how many were accepted.
    pub(crate) async fn send(&self, route: Route, numbers: RangeInclusive<u64>) -> usize {
        let outcomes = self.wire.send(RouteChoice::One(route), &self.events(numbers)).await;
        outcomes.values().filter(|outcome| matches!(outcome, Outcome::Accepted | Outcome::Duplicate)).count()
    }

    /// Sends the events until all are accepted.
    pub(crate) async fn deliver(&self, route: Route, numbers: RangeInclusive<u64>) {
        let count = numbers.clone().count();
        until("all are accepted", async || self.send(route, numbers.clone()).await == count).await;
    }

    pub(crate) async fn until_processed(&self, route: Route, events: u64) {
        until(&format!("{events} are processed on {route}"), async || {
            let Ok(view) = self.wire.ledger(self.session).await else { return false };
            let processed =
                |view: LedgerView| Some(view.sessions.iter().find(|of| of.route == route)?.balance.processed);
            processed(view) == Some(events)
        })
        .await;
    }

    /// How many mails about this sender are in the inbox.
    pub(crate) async fn mails(&self) -> usize {
        let mails: Vec<InboxMail> = self.get("/api/inbox").await;
        let subject = format!("Steady clicks from {}", self.ip);
        mails.iter().filter(|mail| mail.subject == subject).count()
    }

    pub(crate) async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        reqwest::get(format!("{}{path}", self.address)).await.unwrap().json().await.unwrap()
    }
}
