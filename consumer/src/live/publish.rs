//! Publishes: ten times a second the events since the last tick and the numbers if they may have changed, once a second a sample.

use std::sync::Arc;
use std::time::Duration;

use domain::api::{Lag, LiveMessage, Partition, RouteStats, Snapshot, Stats};
use domain::{ByRoute, Route};
use runtime::clock;
use runtime::database::Database;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::rates_and_limits::{HEARTBEAT, NO_LISTENER, SAMPLE_EVERY, SNAPSHOT, TICK};
use super::sampler::gauges;
use super::{Live, Sums};
use crate::store::{StoreError, alerts, ledger, positions};

/// Publishes until the service stops.
pub async fn publish(live: Arc<Live>, database: Database, stop: CancellationToken) -> anyhow::Result<()> {
    let all = async { tokio::join!(live.numbers(&database), live.sample()) };
    stop.run_until_cancelled(all).await;
    Ok(())
}

impl Live {
    /// Shows events and numbers; never returns.
    async fn numbers(&self, database: &Database) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut shown_at, mut pause) = (Instant::now(), Duration::ZERO);
        loop {
            ticks.tick().await;
            self.show_events();
            // Reading the numbers may take a fifth of the time; without listeners they are only for metrics.
            let shortest = if self.listeners.receiver_count() == 0 { NO_LISTENER } else { pause };
            if shown_at.elapsed() < shortest || (!self.state().stats_are_old && shown_at.elapsed() < HEARTBEAT) {
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

    /// Publishes a sample every second; never returns.
    pub(super) async fn sample(&self) {
        let mut seconds = interval(SAMPLE_EVERY);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            let now = clock::now();
            let lags: ByRoute<Lag> =
                Route::ALL.into_iter().filter_map(|route| Some((route, self.lag(route, now)?))).collect();
            let mut state = self.state();
            let routes = state.routes;
            let sample = state.sampler.sample(now, &routes, |route| lags.get(route).copied());
            drop(state);
            for route in Route::ALL {
                if let Some((events, seconds)) = gauges(lags.get(route), routes.get(route), now) {
                    metrics::gauge!("ese_consumer_lag_events", "route" => route.name()).set(events);
                    metrics::gauge!("ese_consumer_lag_seconds", "route" => route.name()).set(seconds);
                }
            }
            self.send(&LiveMessage::Sample(sample));
        }
    }

    /// Shows the partitions of Kafka, if anything about them changed.
    pub fn partitions(&self, partitions: Vec<Partition>) {
        let changed = std::mem::replace(&mut self.state().sampler.partitions, partitions.clone()) != partitions;
        if changed {
            self.send(&LiveMessage::Partitions(partitions));
        }
    }

    /// The sums of the ledger. Callers at the same time share one reading, which begins after their call.
    pub async fn sums(&self, database: &Database) -> Result<Sums, Arc<StoreError>> {
        let read = async || {
            let (routes, pruned) = ledger::sums(&database.reader, |route| self.drained_at(route)).await?;
            let unnumbered = positions::unnumbered(&database.reader).await?;
            Ok(Sums { routes, unnumbered, pruned })
        };
        self.sums.get(async || read().await.map_err(Arc::new)).await
    }

    /// The numbers of all routes, from the ledger.
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

    /// The snapshot as JSON. Callers at the same time share one, which is made after their call.
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
                pulses: state.sampler.samples.iter().cloned().collect(),
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
            ("refused", balance.refused),
            ("unnumbered", *unnumbered),
        ];
        for (term, events) in terms {
            metrics::gauge!("ese_ledger_events", "route" => route.name(), "term" => term).set(events as f64);
        }
        metrics::gauge!("ese_ledger_residual_events", "route" => route.name()).set(balance.residual as f64);
    }
}
