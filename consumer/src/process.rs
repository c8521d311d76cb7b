//! The one step: a batch of arrivals, all their effects and the source's position, in one transaction.
//!
//! A crash before the commit leaves nothing, a crash after it leaves all: replaying a batch changes no book.

mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::api::{Position, Processed};
use domain::ledger::{Account, Seen};
use domain::rules::{Addresses, Alert, UseCase};
use domain::{Event, Route, SessionId, Timestamp};
use runtime::clock;
use runtime::database::Database;
use runtime::plant::Bug;
use tokio::sync::Notify;

use crate::live::Live;
use crate::store::positions::{self, Move};
use crate::store::{StoreError, Tx, accounts, alerts};

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
    use_cases: Vec<Box<dyn UseCase>>,
    addresses: Addresses,
    live: Arc<Live>,
    /// Rung when there is new mail in the outbox.
    pub new_mail: Notify,
}

impl Process {
    /// A step on `database` that shows its work on `live`.
    pub fn new(database: Database, addresses: Addresses, live: Arc<Live>) -> Self {
        Self { database, use_cases: domain::rules::all(), addresses, live, new_mail: Notify::new() }
    }

    /// Takes a batch in; when this returns its effects are durable. Answers what the books say of each arrival.
    pub async fn take(&self, intake: Intake) -> Result<Vec<Seen>, ProcessError> {
        let route = intake.route;
        let mut tx = self.database.begin().await.map_err(StoreError::from)?;
        for step in &intake.moves {
            if !positions::advance(&mut tx, step).await? {
                return Err(ProcessError::Moved(step.source.clone()));
            }
        }
        if Bug::MoveEarly.is_planted() {
            tx.commit().await.map_err(StoreError::from)?;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            tx = self.database.begin().await.map_err(StoreError::from)?;
        }
        let now = clock::now();
        let mut seen = enter(&mut tx, &intake, now).await?;
        if Bug::SkipDedupe.is_planted() {
            seen.fill(Seen::New);
        }
        let new =
            intake.arrivals.iter().zip(&seen).filter(|(_, seen)| seen.is_new()).map(|(arrival, _)| &arrival.event);
        let found = rules::observe(&mut tx, &self.use_cases, &self.addresses, route, new, now).await?;
        for (alert, mail) in &found {
            alerts::insert(&mut tx, alert, mail).await?;
        }
        tx.commit().await.map_err(StoreError::from)?;

        if !found.is_empty() {
            self.new_mail.notify_one();
        }
        let alerts: Vec<Alert> = found.into_iter().map(|(alert, _)| alert).collect();
        self.show(route, intake.arrivals, &seen, &alerts);
        self.live.alerts(alerts);
        Ok(seen)
    }

    fn show(&self, route: Route, arrivals: Vec<Arrival>, seen: &[Seen], alerts: &[Alert]) {
        let committed = clock::now();
        let shown = arrivals.into_iter().zip(seen).map(|(Arrival { event, arrived, position }, &seen)| {
            let alert = alerts.iter().find(|alert| seen.is_new() && alert.event == event.id).map(|alert| alert.id);
            let processed = Processed { position, alert, ..Processed::new(&event, route, seen, arrived, committed) };
            measure(&processed);
            processed
        });
        self.live.processed(shown);
    }
}

/// Enters all arrivals into the books. Accounts are locked in one order everywhere, so that no two steps wait for each other.
async fn enter(tx: &mut Tx, intake: &Intake, now: Timestamp) -> Result<Vec<Seen>, StoreError> {
    let numbered = |event: &Event| event.source.session().zip(event.sequence);
    let sessions: BTreeSet<SessionId> =
        intake.arrivals.iter().filter_map(|arrival| numbered(&arrival.event)).map(|(session, _)| session).collect();
    let mut books: BTreeMap<SessionId, Account> = BTreeMap::new();
    for session in sessions {
        books.insert(session, accounts::lock(tx, session, intake.route, now).await?);
    }
    let mut unnumbered = 0;
    let seen = intake.arrivals.iter().map(|arrival| {
        match numbered(&arrival.event).and_then(|(session, number)| Some((books.get_mut(&session)?, number))) {
            Some((account, number)) => account.enter(number, now),
            None => {
                unnumbered += 1;
                Seen::New
            }
        }
    });
    let seen = seen.collect();
    for (session, account) in &books {
        accounts::save(tx, *session, intake.route, account).await?;
    }
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
        let on_route = hops.arrived.millis_since(received) / 1000.0;
        metrics::histogram!("ese_route_hop_seconds", "route" => route).record(on_route);
    }
    let in_step = hops.processed.millis_since(hops.arrived) / 1000.0;
    metrics::histogram!("ese_process_hop_seconds", "route" => route).record(in_step);
}
