//! The step's metrics: handles made once for each route, so that an event costs no look-up.

use domain::Route;
use domain::api::Hops;
use domain::ledger::Seen;
use metrics::{Counter, Histogram, counter, histogram};

/// The metrics of one route.
pub(super) struct Meters {
    new: Counter,
    duplicate: Counter,
    refused: Counter,
    by_client: Histogram,
    on_route: Histogram,
    in_step: Histogram,
}

impl Meters {
    /// Metrics of the recorder that is installed.
    pub(super) fn of(route: Route) -> Self {
        let route = route.name();
        let processed = |seen: &'static str| counter!("ese_processed_events_total", "route" => route, "seen" => seen);
        Self {
            new: processed("new"),
            duplicate: processed("duplicate"),
            refused: processed("refused"),
            by_client: histogram!("ese_producer_hop_seconds", "route" => route),
            on_route: histogram!("ese_route_hop_seconds", "route" => route),
            in_step: histogram!("ese_process_hop_seconds", "route" => route),
        }
    }

    /// Counts the events of a batch.
    pub(super) fn count(&self, seen: &[Seen]) {
        let count = |is_one: fn(&&Seen) -> bool| seen.iter().filter(is_one).count() as u64;
        self.new.increment(count(|seen| seen.is_new()));
        self.duplicate.increment(count(|seen| **seen == Seen::Duplicate));
        self.refused.increment(count(|seen| **seen == Seen::Refused));
    }

    /// Records the hops of an event.
    pub(super) fn record(&self, hops: &Hops) {
        if let Some(received) = hops.received {
            self.by_client.record(received.millis_since(hops.emitted) / 1000.0);
            self.on_route.record(hops.arrived.millis_since(received) / 1000.0);
        }
        self.in_step.record(hops.processed.millis_since(hops.arrived) / 1000.0);
    }
}
