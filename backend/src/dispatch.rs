//! Sends a batch over each chosen route; an error on one route does not affect another's result.

use std::sync::Arc;
use std::time::Instant;

use domain::api::Outcome;
use domain::{ByRoute, Guarantee, Route};
use futures_util::future::join_all;
use metrics::{Counter, Histogram};
use runtime::guarantee::Guarantees;

use crate::sink::{Batch, Sink, SinkError, Taken, Verdict};

/// A sink for each route.
pub struct Dispatch {
    ways: ByRoute<Way>,
    guarantees: Guarantees,
}

/// A route's sink and metrics.
struct Way {
    sink: Arc<dyn Sink>,
    seconds: Histogram,
    /// Events by outcome, in the order of [`place`].
    events: [Counter; 4],
}

impl Dispatch {
    /// Gets each route's sink from `sink_of`.
    pub fn new(guarantees: Guarantees, sink_of: impl Fn(Route) -> Arc<dyn Sink>) -> Self {
        let way = |route: Route| {
            let events = ["accepted", "duplicate", "rejected", "retry"].map(
                |outcome| metrics::counter!("ese_ingest_events_total", "route" => route.name(), "outcome" => outcome),
            );
            let seconds = metrics::histogram!("ese_sink_seconds", "route" => route.name());
            (route, Way { sink: sink_of(route), seconds, events })
        };
        Self { ways: Route::ALL.into_iter().map(way).collect(), guarantees }
    }

    /// The refusal of a batch of this size, if each of `routes` is known to be full now.
    pub fn full(&self, routes: &[Route], bytes: usize) -> Option<SinkError> {
        let ways = routes.iter().filter_map(|&route| self.ways.get(route));
        ways.map(|way| way.sink.full(bytes)).collect::<Option<Vec<_>>>()?.pop()
    }

    /// Sends the batch over all `routes` at the same time; the outcomes are in the order of the batch's events.
    pub async fn send(&self, routes: &[Route], batch: &Batch) -> Vec<ByRoute<Outcome>> {
        let by_route = join_all(routes.iter().copied().map(async |route| {
            let way = &self.ways[route];
            let begun = Instant::now();
            let verdicts = match self.guarantees.of(route) {
                Guarantee::AtMostOnce => way.sink.hand_over(batch.clone()),
                Guarantee::AtLeastOnce | Guarantee::EffectivelyOnce => way.sink.send(batch.clone()).await,
            };
            way.seconds.record(begun.elapsed().as_secs_f64());
            (route, verdicts)
        }));
        let mut outcomes = vec![ByRoute::new(); batch.events.len()];
        for (route, verdicts) in by_route.await {
            let mut counts = [0; 4];
            for (of_event, verdict) in outcomes.iter_mut().zip(verdicts) {
                let outcome = outcome(verdict);
                counts[place(&outcome)] += 1;
                of_event.insert(route, outcome);
            }
            for (counter, count) in self.ways[route].events.iter().zip(counts) {
                counter.increment(count);
            }
        }
        outcomes
    }
}

/// The place of an outcome among the counters.
const fn place(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Accepted => 0,
        Outcome::Duplicate => 1,
        Outcome::Rejected { .. } => 2,
        Outcome::Retry { .. } => 3,
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
