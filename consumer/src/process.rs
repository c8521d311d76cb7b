//! The one step: a batch of arrivals, all their effects and the source's position, in one transaction.
//!
//! A crash before the commit leaves nothing, a crash after it leaves all: replaying a batch changes no book.

mod rules;

use std::sync::Arc;

use domain::api::{Position, Processed};
use domain::ledger::Seen;
use domain::mail::MailRequest;
use domain::rules::Alert;
use domain::{Event, Route, Timestamp};
use runtime::clock;
use runtime::database::Database;
use runtime::injected_bug::InjectedBug;
use runtime::trace;
use tokio::sync::Notify;

use crate::live::Live;
use crate::statistics::Statistics;
use crate::store::positions::{self, Move};
use crate::store::{StoreError, Tx, alerts, ledger, rule_states};
use crate::use_cases::UseCases;

/// The most use cases and keys asked in one transaction about what did not happen.
const DUE_AT_ONCE: i64 = 500;

/// What a source hands to the step.
#[derive(Debug)]
pub struct Intake {
    /// By which route.
    pub route: Route,
    /// The events, in the order they came.
    pub arrivals: Vec<Arrival>,
    /// How far the source gets with them.
    pub moves: Vec<Move>,
}

/// An event as a source has it.
#[derive(Debug)]
pub struct Arrival {
    /// The event.
    pub event: Event,
    /// When the source had it.
    pub arrived: Timestamp,
    /// Where on the route it was.
    pub position: Option<Position>,
}

/// Why a batch had no effect.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Try again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another consumer has had these events; ask the store where to go on.
    #[error("another consumer has moved {0} on")]
    Moved(String),
}

/// The step's surroundings.
pub struct Process {
    database: Database,
    /// What turns events into alerts.
    pub use_cases: UseCases,
    /// How late the events of each use case are.
    pub statistics: Statistics,
    live: Arc<Live>,
    /// Rung when there is new mail in the outbox.
    pub new_mail: Notify,
}

impl Process {
    /// A step on `database` that shows its work on `live`.
    pub fn new(database: Database, use_cases: UseCases, live: Arc<Live>) -> Self {
        Self { database, use_cases, statistics: Statistics::default(), live, new_mail: Notify::new() }
    }

    /// Takes a batch in; when this returns its effects are durable. Answers what the books say of each arrival.
    pub async fn take(&self, intake: Intake) -> Result<Vec<Seen>, ProcessError> {
        let route = intake.route;
        let mut tx = self.database.begin().await.map_err(StoreError::from)?;
        if let Some(step) = positions::advance(&mut tx, &intake.moves).await? {
            return Err(ProcessError::Moved(step.source.clone()));
        }
        if InjectedBug::MoveEarly.is_active() {
            tx.commit().await.map_err(StoreError::from)?;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            tx = self.database.begin().await.map_err(StoreError::from)?;
        }
        let now = clock::now();
        let mut seen = enter(&mut tx, &intake, now).await?;
        if InjectedBug::SkipDedupe.is_active() {
            seen.fill(Seen::New);
        }
        let arrivals = intake.arrivals.iter().zip(&seen);
        let new: Vec<&Event> = arrivals.filter(|(_, seen)| seen.is_new()).map(|(arrival, _)| &arrival.event).collect();
        let active = if new.is_empty() { Vec::new() } else { self.use_cases.active(&mut *tx).await? };
        let found = rules::observe(&mut tx, &active, route, &new, now).await?;
        alerts::insert(&mut tx, &found).await?;
        tx.commit().await.map_err(StoreError::from)?;

        self.statistics.record(&active, route, &new, clock::now());
        let alerts = self.announce(found);
        self.show(route, intake.arrivals, &seen, &alerts);
        Ok(seen)
    }

    /// Decides what did not happen by `until`: all that came onto the route before then is processed.
    pub async fn decide(&self, route: Route, until: Timestamp) -> Result<(), StoreError> {
        loop {
            let due = rule_states::due(&self.database.reader, route, until, DUE_AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            let all_at_once = (due.len() as i64) < DUE_AT_ONCE;
            let mut tx = self.database.begin().await?;
            let active = self.use_cases.active(&mut *tx).await?;
            let found = rules::decide(&mut tx, &active, route, due, until, clock::now()).await?;
            alerts::insert(&mut tx, &found).await?;
            tx.commit().await?;
            self.announce(found);
            if all_at_once {
                return Ok(());
            }
        }
    }

    /// Tells the outbox and the pages of what is in the books now.
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

    fn show(&self, route: Route, arrivals: Vec<Arrival>, seen: &[Seen], alerts: &[Alert]) {
        let committed = clock::now();
        let shown = arrivals.into_iter().zip(seen).map(|(Arrival { event, arrived, position }, &seen)| {
            let alert = alerts.iter().find(|alert| seen.is_new() && alert.event == event.id).map(|alert| alert.id);
            let notes = || vec![("event.id", event.id.to_string()), ("ese.route", route.name().to_owned())];
            if let Some(hop) = trace::begin("process", event.traceparent.as_deref(), arrived, notes) {
                hop.end(committed);
            }
            let processed = Processed { position, alert, ..Processed::new(&event, route, seen, arrived, committed) };
            measure(&processed);
            processed
        });
        self.live.processed(shown);
    }
}

/// Enters all arrivals into the books.
async fn enter(tx: &mut Tx, intake: &Intake, now: Timestamp) -> Result<Vec<Seen>, StoreError> {
    let numbered = |event: &Event| Some(((event.source.session()?, intake.route), event.sequence?));
    let keys = intake.arrivals.iter().filter_map(|arrival| numbered(&arrival.event)).map(|(key, _)| key).collect();
    let mut books = ledger::lock(tx, keys, now).await?;
    let mut unnumbered = 0;
    let seen = intake.arrivals.iter().map(|arrival| {
        match numbered(&arrival.event).and_then(|(key, number)| Some((books.get_mut(&key)?, number))) {
            Some((account, number)) => account.enter(number, now),
            None => {
                unnumbered += 1;
                Seen::New
            }
        }
    });
    let seen = seen.collect();
    ledger::save(tx, &books).await?;
    if unnumbered > 0 {
        positions::count_unnumbered(tx, intake.route, unnumbered).await?;
    }
    Ok(seen)
}

fn measure(processed: &Processed) {
    let (route, hops) = (processed.route.name(), &processed.hops);
    let seen = if processed.seen.is_new() { "new" } else { "duplicate" };
    metrics::counter!("ese_processed_events_total", "route" => route, "seen" => seen).increment(1);
    if let Some(received) = hops.received {
        let by_client = received.millis_since(hops.emitted) / 1000.0;
        metrics::histogram!("ese_producer_hop_seconds", "route" => route).record(by_client);
        let on_route = hops.arrived.millis_since(received) / 1000.0;
        metrics::histogram!("ese_route_hop_seconds", "route" => route).record(on_route);
    }
    let in_step = hops.processed.millis_since(hops.arrived) / 1000.0;
    metrics::histogram!("ese_process_hop_seconds", "route" => route).record(in_step);
}
