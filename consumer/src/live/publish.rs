//! Ten times a second: the events since the last tick, and the numbers if they may have changed.

use std::sync::Arc;
use std::time::Duration;

use domain::api::{LiveMessage, RouteStats, Snapshot, Stats};
use domain::ledger::Balance;
use domain::{ByRoute, Route};
use runtime::clock;
use runtime::database::Database;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Live, SNAPSHOT};
use crate::store::{StoreError, alerts, ledger, positions};

/// The time between two ticks.
const TICK: Duration = Duration::from_millis(100);

/// The time between two readings of the numbers while no page listens.
const UNHEARD: Duration = Duration::from_secs(1);

/// The longest silence: a page can then tell numbers that do not change from a stream that is dead.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The sums of the books.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Over all sessions, for each route.
    pub routes: ByRoute<Balance>,
    /// How many events no session numbered, for each route.
    pub unnumbered: ByRoute<u64>,
}

/// Publishes until the service stops.
pub async fn publish(live: Arc<Live>, database: Database, stop: CancellationToken) -> anyhow::Result<()> {
    let all = async { tokio::join!(live.numbers(&database), live.pulse()) };
    stop.run_until_cancelled(all).await;
    Ok(())
}

impl Live {
    /// Shows events and numbers, for ever.
    async fn numbers(&self, database: &Database) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut shown_at, mut pause) = (Instant::now(), Duration::ZERO);
        loop {
            ticks.tick().await;
            self.show_events();
            // Reading the numbers may cost a fifth of the time, and with nobody listening they are only for metrics.
            let quiet = if self.listeners.receiver_count() == 0 { UNHEARD } else { pause };
            if shown_at.elapsed() < quiet || (!self.state().stats_are_old && shown_at.elapsed() < HEARTBEAT) {
                continue;
            }
            self.state().stats_are_old = false;
            let began = Instant::now();
            match self.stats(database).await {
                Ok(stats) => {
                    measure(&stats);
                    self.send(&LiveMessage::Stats(stats));
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the numbers cannot be read; trying again"
                    );
                    self.changed();
                }
            }
            (shown_at, pause) = (Instant::now(), 4 * began.elapsed());
        }
    }

    fn show_events(&self) {
        let mut state = self.state();
        if state.fresh.is_empty() {
            return;
        }
        let events: Vec<_> = state.fresh.drain(..).collect();
        state.shown.clear();
        state.recent.extend(events.iter().cloned());
        let surplus = state.recent.len().saturating_sub(SNAPSHOT);
        state.recent.drain(..surplus);
        drop(state);
        self.send(&LiveMessage::Events(events));
    }

    /// The sums of the books. All who ask at the same time share one reading, which begins after they asked.
    pub async fn sums(&self, database: &Database) -> Result<Sums, Arc<StoreError>> {
        let read = async || {
            let routes = ledger::sums(&database.reader, |route| self.drained_at(route)).await?;
            let unnumbered = positions::unnumbered(&database.reader).await?;
            Ok(Sums { routes, unnumbered })
        };
        self.sums.get(async || read().await.map_err(Arc::new)).await
    }

    /// The numbers of all routes, from the books.
    async fn stats(&self, database: &Database) -> Result<Stats, Arc<StoreError>> {
        let sums = self.sums(database).await?;
        let at = clock::now();
        let routes = Route::ALL.into_iter().map(|route| {
            let stats = RouteStats {
                balance: sums.routes.get(route).copied().unwrap_or_default(),
                unnumbered: sums.unnumbered.get(route).copied().unwrap_or_default(),
                lag: self.lag(route, at),
            };
            (route, stats)
        });
        Ok(Stats { at, routes: routes.collect() })
    }

    /// All a page needs to begin, as JSON. All who ask at the same time share one, which is made after they asked.
    pub async fn snapshot(&self, database: &Database) -> Result<Arc<str>, Arc<StoreError>> {
        let make = async || {
            let stats = self.stats(database).await?;
            let alerts = alerts::latest(&database.reader, SNAPSHOT as i64).await.map_err(Arc::new)?;
            let state = self.state();
            let snapshot = Snapshot {
                stats,
                alerts,
                events: state.recent.iter().cloned().collect(),
                mails: state.mails.iter().cloned().collect(),
                topology: state.topology.clone(),
                pulses: state.sampler.pulses.iter().cloned().collect(),
                partitions: state.sampler.partitions.clone(),
            };
            drop(state);
            Ok(serde_json::to_string(&snapshot).map_err(|error| Arc::new(error.into()))?.into())
        };
        self.snapshots.get(make).await
    }
}

/// The ledger as gauges.
fn measure(stats: &Stats) {
    for (route, RouteStats { balance, unnumbered, .. }) in stats.routes.iter() {
        let terms = [
            ("emitted", balance.emitted),
            ("processed", balance.processed),
            ("rejected", balance.rejected),
            ("shed", balance.shed),
            ("in_flight", balance.in_flight),
            ("lost", balance.lost),
            ("duplicates", balance.duplicates),
            ("reordered", balance.reordered),
            ("unnumbered", *unnumbered),
        ];
        for (term, events) in terms {
            metrics::gauge!("ese_ledger_events", "route" => route.name(), "term" => term).set(events as f64);
        }
        metrics::gauge!("ese_ledger_residual_events", "route" => route.name()).set(balance.residual as f64);
    }
}
