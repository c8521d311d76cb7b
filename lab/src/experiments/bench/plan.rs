//! The plan of a benchmark: what is measured, how often and for how long.

use domain::Route;

use super::load::Target;
use super::template::Shape;

/// The loads of the series over each route, in single events a second. The last load is this many times the best goodput.
pub(super) const OFFERED: [u64; 6] = [1_000, 2_000, 5_000, 10_000, 20_000, 40_000];
/// How far past the knee the last load of a series is.
pub(super) const PAST_THE_KNEE: f64 = 5.0;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything, each for its full time.
    Full,
    /// Everything but the series and PostgreSQL, each for a short time.
    Quick,
    /// Only single events, for their ratios.
    Ratios,
}

/// The plan. Times are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) extent: Extent,
    pub(super) routes: Vec<Route>,
    /// How often each target has its turn in closed loops.
    pub(super) rounds: u32,
    /// The same at a steady load, and over PostgreSQL.
    pub(super) fewer_rounds: u32,
    /// The time of a load before its window and in it.
    pub(super) times: [f64; 2],
    /// How long each new broker works before anything is measured: Java compiles its code meanwhile. In its first seconds a
    /// broker needs several times the CPU time for a request.
    pub(super) broker_warm_up: f64,
    /// How many events memory is measured after, and how many wait for the consumer.
    pub(super) events: [u64; 2],
    /// HOST:PORT of other servers with the original example's contract.
    pub(super) elsewhere: Vec<String>,
}

impl Plan {
    pub(super) fn new(extent: Extent, routes: Vec<Route>, elsewhere: Vec<String>) -> Self {
        let (rounds, fewer_rounds, times, broker_warm_up, events) = match extent {
            Extent::Full => (5, 3, [1.0, 5.0], 20.0, [3_000_000, 1_000_000]),
            Extent::Quick => (3, 1, [0.5, 2.0], 10.0, [200_000, 50_000]),
            Extent::Ratios => (2, 0, [1.0, 5.0], 20.0, [0, 0]),
        };
        Self { extent, routes, rounds, fewer_rounds, times, broker_warm_up, events, elsewhere }
    }

    pub(super) fn has_kafka(&self) -> bool {
        self.routes.contains(&Route::Kafka)
    }

    /// The targets of closed loops of a shape, in no order that matters.
    pub(super) fn targets(&self, shape: Shape) -> Vec<Target> {
        let mut targets = vec![Target::Bare];
        targets.extend(self.routes.iter().map(|&route| Target::Route(route)));
        match shape {
            Shape::Single => {}
            Shape::Batch if self.has_kafka() => targets.push(Target::Producer),
            Shape::Batch => {}
            Shape::Seed => targets.extend(self.elsewhere.iter().cloned().map(Target::Elsewhere)),
        }
        targets
    }

    /// The targets at a steady load.
    pub(super) fn steady_targets(&self) -> Vec<Target> {
        let bare = self.has_kafka().then_some(Target::Bare);
        bare.into_iter().chain(self.routes.iter().map(|&route| Target::Route(route))).collect()
    }

    /// About how long it takes, in seconds: the loads with a second around each, and the starts of the stacks.
    pub(super) fn expected_seconds(&self) -> f64 {
        let turn = self.times.iter().sum::<f64>() + 1.0;
        // Kafka's own producer has two turns.
        let turns = |shape| self.targets(shape).len() + usize::from(self.targets(shape).contains(&Target::Producer));
        let of_shape = |shape| turns(shape) as f64 * f64::from(self.rounds) * turn;
        let stack = if self.has_kafka() { 12.0 + self.broker_warm_up } else { 3.0 };
        if self.extent == Extent::Ratios {
            return stack + of_shape(Shape::Single);
        }
        let shapes = of_shape(Shape::Single) + of_shape(Shape::Batch);
        let seed = if self.elsewhere.is_empty() { 0.0 } else { of_shape(Shape::Seed) };
        let steady = self.steady_targets().len() as f64 * f64::from(self.fewer_rounds) * turn;
        // Sent and drained at 30,000 events a second, over two routes.
        let backlog = (self.events[0] + 4 * self.events[1]) as f64 / 30_000.0;
        let quick = 2.0 * stack + shapes + seed + steady + backlog;
        let series = self.routes.len() as f64 * (OFFERED.len() + 1) as f64 * (turn + 1.0);
        let postgres = shapes * f64::from(self.fewer_rounds) / f64::from(self.rounds);
        if self.extent == Extent::Full { quick + 2.0 * stack + series + postgres } else { quick }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extent_keeps_its_time() {
        let minutes = |extent, elsewhere: &[&str]| {
            let elsewhere = elsewhere.iter().map(ToString::to_string).collect();
            Plan::new(extent, Route::ALL.to_vec(), elsewhere).expected_seconds() / 60.0
        };
        assert!(minutes(Extent::Quick, &["127.0.0.1:1"]) < 4.0, "{}", minutes(Extent::Quick, &["127.0.0.1:1"]));
        assert!(minutes(Extent::Full, &["127.0.0.1:1"]) < 25.0, "{}", minutes(Extent::Full, &["127.0.0.1:1"]));
        assert!(minutes(Extent::Ratios, &[]) < 1.5);
    }

    #[test]
    fn without_kafka_nothing_is_measured_against_it() {
        let plan = Plan::new(Extent::Quick, vec![Route::HttpPush], vec!["127.0.0.1:1".to_owned()]);
        let push = Target::Route(Route::HttpPush);
        assert_eq!(plan.targets(Shape::Batch), [Target::Bare, push.clone()]);
        assert_eq!(plan.targets(Shape::Seed).len(), 3);
        assert_eq!(plan.steady_targets(), [push]);
    }
}
