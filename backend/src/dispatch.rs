//! Sends a batch over each chosen route; an error on one route does not affect another's result.

use std::sync::Arc;
use std::time::Instant;

use domain::api::Outcome;
use domain::{ByRoute, Guarantee, Route};
use futures_util::future::join_all;
use runtime::guarantee::Guarantees;

use crate::sink::{Batch, Sink, SinkError, Taken, Verdict};

/// A sink for each route.
pub struct Dispatch {
    sinks: ByRoute<Arc<dyn Sink>>,
    guarantees: Guarantees,
}

impl Dispatch {
    /// Gets each route's sink from `sink_of`.
    pub fn new(guarantees: Guarantees, sink_of: impl Fn(Route) -> Arc<dyn Sink>) -> Self {
        Self { sinks: Route::ALL.into_iter().map(|route| (route, sink_of(route))).collect(), guarantees }
    }

    /// The refusal of a batch of this size, if each of `routes` is known to be full now.
    pub fn full(&self, routes: &[Route], bytes: usize) -> Option<SinkError> {
        let sinks = routes.iter().filter_map(|&route| self.sinks.get(route));
        sinks.map(|sink| sink.full(bytes)).collect::<Option<Vec<_>>>()?.pop()
    }

    /// Sends the batch over all `routes` at the same time; the outcomes are in the order of the batch's events.
    pub async fn send(&self, routes: &[Route], batch: &Batch) -> Vec<ByRoute<Outcome>> {
        let chosen = self.sinks.iter().filter(|(route, _)| routes.contains(route));
        let by_route = join_all(chosen.map(async |(route, sink)| {
            let begun = Instant::now();
            let verdicts = match self.guarantees.of(route) {
                Guarantee::AtMostOnce => sink.hand_over(batch.clone()),
                Guarantee::AtLeastOnce | Guarantee::EffectivelyOnce => sink.send(batch.clone()).await,
            };
            metrics::histogram!("ese_sink_seconds", "route" => route.name()).record(begun.elapsed().as_secs_f64());
            (route, verdicts)
        }));
        let mut outcomes = vec![ByRoute::new(); batch.events.len()];
        for (route, verdicts) in by_route.await {
            for (of_event, verdict) in outcomes.iter_mut().zip(verdicts) {
                let outcome = outcome(verdict);
                metrics::counter!("ese_ingest_events_total", "route" => route.name(), "outcome" => outcome.label())
                    .increment(1);
                of_event.insert(route, outcome);
            }
        }
        outcomes
    }
}

fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Ok(Taken::New) => Outcome::Accepted,
        Ok(Taken::Duplicate) => Outcome::Duplicate,
        Err(SinkError::Rejected { reason }) => Outcome::Rejected { reason },
        Err(SinkError::Retryable { reason, after }) => {
            Outcome::Retry { reason, after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX) }
        }
    }
}
