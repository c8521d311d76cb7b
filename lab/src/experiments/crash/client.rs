//! A correct client: numbers its events, sends them in order, and sends events again that were not accepted.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use domain::api::{Outcome, SessionReport};
use domain::ledger::Report;
use domain::{Event, Intervals, Kind, Route, RouteChoice, SessionId, Source, Timestamp};
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::journal::Journal;
use crate::experiments::wire::Wire;

/// The most events in one batch.
const BATCH: u64 = 20;
/// The most triples of quick presses of one client: each makes a mail on each of its routes, and the inbox keeps a
/// thousand.
const MOST_TRIPLES: u64 = 60;

/// One session.
pub(super) struct Client {
    wire: Wire,
    session: SessionId,
    choice: RouteChoice,
    random: StdRng,
    journal: Journal,
    /// An address of its own on loopback, which is its key for the rules.
    ip: IpAddr,
    emitted: u64,
    triples: u64,
}

/// The record of a client at the end.
pub(super) struct Record {
    pub(super) session: SessionId,
    pub(super) choice: RouteChoice,
    pub(super) ip: IpAddr,
    pub(super) emitted: u64,
    /// How often it pressed three times quickly.
    pub(super) triples: u64,
    /// The events in its journal.
    pub(super) accepted: BTreeMap<Route, Intervals>,
}

impl Client {
    pub(super) fn new(
        address: String,
        choice: RouteChoice,
        number: u8,
        mut random: StdRng,
        journals: &Path,
    ) -> anyhow::Result<Self> {
        let session = SessionId(Uuid::from_u128(random.random()));
        let journal = Journal::begin(journals, &session.to_string())?;
        let ip = IpAddr::V4(Ipv4Addr::new(127, 0, 1, number));
        let wire = Wire::new(&address, Some(ip))?;
        Ok(Self { wire, session, choice, random, journal, ip, emitted: 0, triples: 0 })
    }

    /// Sends events until `stop`, and then until all of them are accepted.
    pub(super) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<Record> {
        while !stop.is_cancelled() {
            let batch = self.batch();
            let answer_lost = batch[0].kind == Kind::KeyPress && self.random.random_bool(0.3);
            self.deliver(batch.clone()).await?;
            if answer_lost {
                // As if the answer were lost: the whole batch is sent again, in reverse order, because no order is promised.
                let again: Vec<Event> = batch.into_iter().rev().collect();
                self.wire.send(self.choice, &again).await;
            }
            let pause = Duration::from_millis(self.random.random_range(1..30));
            tokio::time::sleep(pause).await;
        }
        self.report().await;
        let accepted = self.journal.read()?;
        let Self { session, choice, ip, emitted, triples, .. } = self;
        Ok(Record { session, choice, ip, emitted, triples, accepted })
    }

    fn batch(&mut self) -> Vec<Event> {
        let count = self.random.random_range(3..=BATCH);
        let triple = self.triples < MOST_TRIPLES && self.random.random_bool(0.04);
        self.triples += u64::from(triple);
        // Batches are ten seconds apart in the time of the events: only the presses of a triple are close to each other.
        let begin = Timestamp::from_millis(1_700_000_000_000).plus_millis(10_000 * signed(self.emitted));
        let kind = |place| if triple && place < 3 { Kind::KeyPress } else { Kind::ButtonClick };
        (0..count).map(|place| self.event(kind(place), begin.plus_millis(10 * signed(place)))).collect()
    }

    fn event(&mut self, kind: Kind, time: Timestamp) -> Event {
        self.emitted += 1;
        let id = Uuid::new_v5(&self.session.0, &self.emitted.to_be_bytes());
        let event = Event::new(id, Source::Session(self.session), kind, time);
        Event { sequence: Some(self.emitted), data: json!({ "number": self.emitted }).into(), ..event }
    }

    /// Sends a batch until each of its events is accepted on each of its routes.
    async fn deliver(&mut self, batch: Vec<Event>) -> anyhow::Result<()> {
        let mut pending: BTreeMap<Route, Vec<Event>> =
            self.choice.routes().iter().map(|&route| (route, batch.clone())).collect();
        // First over all routes together; then each route gets the events that it did not take.
        let mut choice = self.choice;
        while let Some((&first, events)) = pending.first_key_value() {
            let outcomes = self.wire.send(choice, events).await;
            let routes = choice.routes();
            let mut wait = 0;
            for route in routes {
                let left = pending.remove(route).unwrap_or_default();
                let (mut accepted, mut again) = (Vec::new(), Vec::new());
                for event in left {
                    match outcomes.get(&(event.id, *route)) {
                        Some(Outcome::Accepted | Outcome::Duplicate) => accepted.extend(event.sequence),
                        Some(Outcome::Rejected { reason }) => anyhow::bail!("{route} rejected a valid event: {reason}"),
                        Some(Outcome::Retry { after_ms, .. }) => {
                            wait = wait.max(*after_ms);
                            again.push(event);
                        }
                        None => again.push(event),
                    }
                }
                self.journal.accepted(*route, &accepted)?;
                if !again.is_empty() {
                    pending.insert(*route, again);
                }
            }
            if let Some(&next) = pending.keys().find(|&&route| route > first).or(pending.keys().next()) {
                choice = RouteChoice::One(next);
                let most = wait.clamp(50, 500);
                tokio::time::sleep(Duration::from_millis(self.random.random_range(20..=most))).await;
            }
        }
        Ok(())
    }

    /// Sends the client's own counts to the consumer until it acknowledges them.
    async fn report(&self) {
        let numbers: Intervals = (1..=self.emitted).collect();
        let report = Report { emitted: numbers.clone(), accepted: numbers, ..Report::default() };
        let routes = self.choice.routes().iter().map(|&route| (route, report.clone())).collect();
        let report = SessionReport { routes, ..SessionReport::default() };
        while !self.wire.report(self.session, &report).await {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
