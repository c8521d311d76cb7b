//! The order of the runs: a pure function of the seed. Routes and scenarios are mixed, so that a slow hour of the machine
//! falls on all of them alike.

use domain::Route;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// One run to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// The scenario's place in the list.
    pub(super) scenario: usize,
    pub(super) route: Route,
    /// The repetition, from 1.
    pub(super) repetition: u32,
}

/// All runs: every repetition has each scenario once over each route, in an order of its own.
pub(super) fn schedule(scenarios: usize, repetitions: u32, seed: u64) -> Vec<Planned> {
    let mut random = StdRng::seed_from_u64(seed);
    let repetition = |repetition| {
        let all = (0..scenarios).flat_map(|scenario| Route::ALL.map(|route| Planned { scenario, route, repetition }));
        let mut all: Vec<Planned> = all.collect();
        all.shuffle(&mut random);
        all
    };
    (1..=repetitions).flat_map(repetition).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scenario_is_run_on_each_route_in_each_repetition_and_the_seed_decides_the_order() {
        let plan = schedule(4, 3, 7);
        assert_eq!(plan.len(), 36);
        for (index, repetition) in plan.chunks(12).zip(1..) {
            let mut places: Vec<_> = index.iter().map(|run| (run.scenario, run.route, run.repetition)).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), 12);
            assert!(places.iter().all(|place| place.2 == repetition));
        }
        assert_eq!(plan, schedule(4, 3, 7));
        assert_ne!(plan, schedule(4, 3, 8));
    }
}
