//! The one step: a batch of events, all their effects and the source's position, in one transaction.
//!
//! A crash before the commit leaves nothing, a crash after it leaves all: a batch that comes again changes nothing.
//! A weaker guarantee than effectively once, where it is chosen, takes two transactions, and a crash between them shows.

mod meters;
mod rules;

use std::mem;
use std::sync::Arc;

use domain::api::{Hops, Position, Processed};
use domain::ledger::{CLOSED, Seen};
use domain::mail_request::MailRequest;
use domain::rules::Alert;
use domain::{ByRoute, Event, Guarantee, Route, Timestamp};
use runtime::database::Database;
use runtime::guarantee::Guarantees;
use runtime::injected_bug::InjectedBug;
use runtime::{clock, injected_fault, trace};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use meters::Meters;
use rules::Wanted;

use crate::live::Live;
use crate::statistics::Statistics;
use crate::store::positions::{self, Move};
use crate::store::{StoreError, Tx, alerts, ledger, rule_states};
use crate::use_cases::UseCases;

/// The most due use cases and keys in one transaction.
const DUE_AT_ONCE: i64 = 500;

/// A batch of events from a source.
#[derive(Debug)]
pub struct Batch {
    /// The route.
    pub route: Route,
    /// The events, in the order they came.
    pub events: Vec<ReceivedEvent>,
    /// The moves of the source's positions.
    pub moves: Vec<Move>,
}

/// An event as a source received it.
#[derive(Debug)]
pub struct ReceivedEvent {
    /// The event.
    pub event: Event,
    /// When the source received it.
    pub arrived: Timestamp,
    /// Its position on the route.
    pub position: Option<Position>,
}

/// Why a batch had no effect.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Try again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another consumer has processed these events; read the position again.
    #[error("another consumer has moved {0} on")]
    Moved(String),
}

/// The step, with its database, use cases and outputs.
pub struct Process {
    database: Database,
    guarantees: Guarantees,
    /// The use cases.
    pub use_cases: UseCases,
    /// The lags of each use case.
    pub statistics: Statistics,
    live: Arc<Live>,
    meters: ByRoute<Meters>,
    /// Notified when there is new mail in the outbox.
    pub new_mail: Notify,
    /// All that may begin a step: the sources that run, and the deliveries that are under way.
    pub sources: TaskTracker,
}

impl Process {
    /// A step on `database`, with these guarantees, that shows its results on `live`.
    pub fn new(database: Database, guarantees: Guarantees, use_cases: UseCases, live: Arc<Live>) -> Self {
        let (statistics, new_mail, sources) = (Statistics::default(), Notify::new(), TaskTracker::new());
        let meters = Route::ALL.into_iter().map(|route| (route, Meters::of(route))).collect();
        Self { database, guarantees, use_cases, statistics, live, meters, new_mail, sources }
    }

    /// Processes a batch; when this returns its effects are durable. Returns whether each event was seen before.
    pub async fn run(&self, mut batch: Batch) -> Result<Vec<Seen>, ProcessError> {
        match self.guarantees.of(batch.route) {
            guarantee @ Guarantee::EffectivelyOnce => self.step(batch, guarantee).await,
            guarantee @ Guarantee::AtMostOnce => {
                self.advance(&mem::take(&mut batch.moves)).await?;
                self.step(batch, guarantee).await
            }
            guarantee @ Guarantee::AtLeastOnce => {
                let moves = mem::take(&mut batch.moves);
                let seen = self.step(batch, guarantee).await?;
                self.advance(&moves).await?;
                Ok(seen)
            }
        }
    }

    /// Waits for the end of all sources, once the service stops. Their last step has been shown then, and none begins.
    pub async fn finished(&self) {
        self.sources.close();
        self.sources.wait().await;
    }

    /// Moves the source's positions in a transaction of their own.
    async fn advance(&self, moves: &[Move]) -> Result<(), ProcessError> {
        if moves.is_empty() {
            return Ok(());
        }
        let mut tx = self.database.begin().await.map_err(StoreError::from)?;
        if let Some(step) = positions::advance(&mut tx, moves).await? {
            return Err(ProcessError::Moved(step.source.clone()));
        }
        injected_fault::before_commit(0).await;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    /// All effects of the batch, and the moves that it has, in one transaction.
    async fn step(&self, batch: Batch, guarantee: Guarantee) -> Result<Vec<Seen>, ProcessError> {
        let route = batch.route;
        let has_effects = |seen: Seen| seen.is_new() || (seen == Seen::Duplicate && !guarantee.deduplicates());
        let mut tx = self.database.begin().await.map_err(StoreError::from)?;
        if let Some(step) = positions::advance(&mut tx, &batch.moves).await? {
            return Err(ProcessError::Moved(step.source.clone()));
        }
        if InjectedBug::MoveEarly.is_active() {
            tx.commit().await.map_err(StoreError::from)?;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            tx = self.database.begin().await.map_err(StoreError::from)?;
        }
        let now = clock::now();
        let mut seen = enter(&mut tx, &batch, now).await?;
        if InjectedBug::SkipDedupe.is_active() {
            seen.fill(Seen::New);
        }
        let events = batch.events.iter().zip(&seen);
        let new: Vec<&Event> =
            events.filter(|(_, seen)| has_effects(**seen)).map(|(received, _)| &received.event).collect();
        let active = if new.is_empty() { Vec::new() } else { self.use_cases.active(&mut *tx).await? };
        let wanted: Vec<Wanted<'_>> = active.iter().map(|active| Wanted::among(&new, active)).collect();
        let mut found = rules::observe(&mut tx, &wanted, route, now).await?;
        identify(&mut found, guarantee);
        alerts::insert(&mut tx, &found).await?;
        injected_fault::before_commit(batch.events.len()).await;
        tx.commit().await.map_err(StoreError::from)?;

        let committed = clock::now();
        for wanted in &wanted {
            self.statistics.record(wanted.use_case(), route, wanted.events(), committed);
        }
        let alerts = self.announce(found);
        self.show(&batch, &seen, has_effects, &alerts, committed);
        Ok(seen)
    }

    /// Calls the use cases that are due at `until`; all events that came onto the route before then must be processed.
    pub async fn decide(&self, route: Route, until: Timestamp) -> Result<(), StoreError> {
        let known: Vec<&str> = self.use_cases.names().collect();
        loop {
            let due = rule_states::due(&self.database.reader, &known, route, until, DUE_AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            let all_at_once = (due.len() as i64) < DUE_AT_ONCE;
            let mut tx = self.database.begin().await?;
            let active = self.use_cases.active(&mut *tx).await?;
            let mut found = rules::decide(&mut tx, &active, route, due, until, clock::now()).await?;
            identify(&mut found, self.guarantees.of(route));
            alerts::insert(&mut tx, &found).await?;
            tx.commit().await?;
            self.announce(found);
            if all_at_once {
                return Ok(());
            }
        }
    }

    /// Notifies the outbox and the pages of the committed alerts.
    fn announce(&self, found: Vec<(Alert, MailRequest)>) -> Vec<Alert> {
        let alerts: Vec<Alert> = found.into_iter().map(|(alert, _)| alert).collect();
        if !alerts.is_empty() {
            self.new_mail.notify_one();
        }
        for Alert { use_case, route, .. } in &alerts {
            metrics::counter!("ese_alerts_total", "use_case" => use_case.clone(), "route" => route.name()).increment(1);
        }
        self.live.alerts(&alerts);
        alerts
    }

    /// Measures the committed events, and shows them on the pages.
    fn show(
        &self,
        batch: &Batch,
        seen: &[Seen],
        has_effects: impl Fn(Seen) -> bool,
        alerts: &[Alert],
        committed: Timestamp,
    ) {
        let route = batch.route;
        let (meters, mut lines) = (&self.meters[route], self.live.lines.begin());
        let hops = |ReceivedEvent { event, arrived, .. }: &ReceivedEvent| Hops {
            emitted: event.time,
            received: event.receivedtime,
            arrived: *arrived,
            processed: committed,
        };
        meters.count(seen);
        for (received, &seen) in batch.events.iter().zip(seen) {
            let event = &received.event;
            let attributes = || vec![("event.id", event.id.to_string()), ("ese.route", route.name().to_owned())];
            if let Some(span) = trace::begin("process", event.traceparent.as_deref(), received.arrived, attributes) {
                span.end(committed);
            }
            meters.record(&hops(received));
            if has_effects(seen) {
                lines.add(event, route, committed);
            }
        }
        let (hops, has_effects) = (&hops, &has_effects);
        let shown = batch.events.iter().zip(seen).map(|(received, &seen)| {
            let make = move || {
                let ReceivedEvent { event, arrived, position } = received;
                let alert = alerts.iter().find(|alert| has_effects(seen) && alert.event == event.id);
                Processed {
                    position: *position,
                    alert: alert.map(|alert| alert.id),
                    ..Processed::new(event, route, seen, *arrived, committed)
                }
            };
            (received.event.source.session(), hops(received), make)
        });
        self.live.processed(route, shown);
        self.live.lines.send(&lines);
    }
}

/// Without deduplication an alert that is made again is another alert, with a mail of its own.
fn identify(found: &mut [(Alert, MailRequest)], guarantee: Guarantee) {
    for (alert, mail) in found.iter_mut().filter(|_| !guarantee.deduplicates()) {
        alert.id = Uuid::new_v4();
        mail.id = alert.id;
    }
}

/// Enters all events into the ledger.
async fn enter(tx: &mut Tx, batch: &Batch, now: Timestamp) -> Result<Vec<Seen>, StoreError> {
    let numbered = |event: &Event| Some(((event.source.session()?, batch.route), event.sequence?));
    let keys = batch.events.iter().filter_map(|received| numbered(&received.event)).map(|(key, _)| key).collect();
    let mut ledgers = ledger::lock(tx, keys, now).await?;
    let mut unnumbered = 0;
    let seen = batch.events.iter().map(|received| {
        match numbered(&received.event).and_then(|(key, number)| Some((ledgers.get_mut(&key)?, number))) {
            Some((ledger, number)) => {
                let seen = ledger.enter(number, now);
                // The first event that is refused has closed the ledger.
                if seen == Seen::Refused && ledger.refused == 1 {
                    let (source, route) = (&received.event.source, batch.route);
                    tracing::warn!(%source, %route, "an event was refused: {CLOSED}");
                }
                seen
            }
            None => {
                unnumbered += 1;
                Seen::New
            }
        }
    });
    let seen = seen.collect();
    ledger::save(tx, &ledgers).await?;
    if unnumbered > 0 {
        positions::count_unnumbered(tx, batch.route, unnumbered).await?;
    }
    Ok(seen)
}
