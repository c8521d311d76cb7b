//! Ten times a second: the events since the last tick, and the numbers if they may have changed.

use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use domain::api::{LiveMessage, RouteStats, Snapshot, Stats};
use runtime::clock;
use runtime::database::Database;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Live, SNAPSHOT};
use crate::store::{StoreError, accounts, alerts, positions, unsigned};

/// The time between two ticks.
const TICK: Duration = Duration::from_millis(100);

/// The longest silence: a page can then tell numbers that do not change from a stream that is dead.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Publishes until the service stops.
pub async fn publish(live: Arc<Live>, database: Database, stop: CancellationToken) -> anyhow::Result<()> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut shown_at = Instant::now();
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        live.show_events();
        if !std::mem::take(&mut live.state().stats_are_old) && shown_at.elapsed() < HEARTBEAT {
            continue;
        }
        match live.stats(&database).await {
            Ok(stats) => {
                live.send(&LiveMessage::Stats(stats));
                shown_at = Instant::now();
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the numbers cannot be read; trying again");
                live.changed();
            }
        }
    }
    Ok(())
}

impl Live {
    fn show_events(&self) {
        let mut state = self.state();
        if state.fresh.is_empty() {
            return;
        }
        let events: Vec<_> = state.fresh.drain(..).collect();
        state.recent.extend(events.iter().cloned());
        let surplus = state.recent.len().saturating_sub(SNAPSHOT);
        state.recent.drain(..surplus);
        drop(state);
        self.send(&LiveMessage::Events(events));
    }

    /// The numbers of all routes, from the books.
    pub async fn stats(&self, database: &Database) -> Result<Stats, StoreError> {
        let balances = accounts::sums(&database.reader, |route| self.drained_at(route)).await?;
        let unnumbered = positions::unnumbered(&database.reader).await?;
        let at = clock::now();
        let routes = Route::ALL.into_iter().map(|route| {
            let of_route = unnumbered.iter().find(|(name, _)| name == route.name());
            let stats = RouteStats {
                balance: balances.get(&route).copied().unwrap_or_default(),
                unnumbered: of_route.map_or(0, |&(_, events)| unsigned(events)),
                lag: self.lag(route, at),
            };
            (route, stats)
        });
        Ok(Stats { at, routes: routes.collect() })
    }

    /// All a page needs to begin.
    pub async fn snapshot(&self, database: &Database) -> Result<Snapshot, StoreError> {
        let stats = self.stats(database).await?;
        let alerts = alerts::latest(&database.reader, SNAPSHOT as i64).await?;
        let state = self.state();
        Ok(Snapshot {
            stats,
            alerts,
            events: state.recent.iter().cloned().collect(),
            mails: state.mails.iter().cloned().collect(),
            topology: state.topology.clone(),
        })
    }
}
