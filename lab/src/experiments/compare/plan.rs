//! The events of a scenario's load: a pure function of the load and a seed.

use std::time::Duration;

use domain::Kind;
use domain::api::simulation::Parameters;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use verdict::scenario::Load;

use crate::experiments::simulate::arrivals::Arrivals;

/// The time between two bursts of three quick presses.
const PRESSES_EVERY: Duration = Duration::from_secs(3);
/// The presses of a burst lie within this time, as the rule *steady clicks* requires.
const PRESSES_WITHIN: Duration = Duration::from_secs(1);

/// An event to come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// When it is due, since the load's start.
    pub(super) at: Duration,
    /// The number of the client.
    pub(super) client: usize,
    /// Whether it is a key press; the others are clicks.
    pub(super) is_press: bool,
}

impl Slot {
    /// The kind and the data, of about `bytes` bytes.
    pub(super) fn event(&self, bytes: u32) -> (Kind, Value) {
        let filler = "x".repeat((bytes as usize).saturating_sub(30));
        match self.is_press {
            true => (Kind::KeyPress, json!({ "key": "f", "filler": filler })),
            false => (Kind::ButtonClick, json!({ "button": "buy", "filler": filler })),
        }
    }
}

/// The events of a load.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    /// Ascending by time.
    pub(super) slots: Vec<Slot>,
    /// How many alerts the rule *steady clicks* must find.
    pub(super) alerts: u64,
}

/// The plan of a seed.
pub(super) fn plan(load: &Load, seed: u64) -> Plan {
    let parameters = Parameters { rate: load.rate, shape: load.shape, seconds: load.seconds, ..Parameters::default() };
    let mut random = StdRng::seed_from_u64(seed);
    let arrivals = Arrivals::new(parameters, StdRng::from_rng(&mut random)).with_factors((load.burst_factor, 1.0));
    let clients = load.clients as usize;
    let mut slots: Vec<Slot> = arrivals
        .map(|at| {
            let hot = load.hot_key_share > 0.0 && random.random_bool(load.hot_key_share);
            Slot { at, client: if hot { 0 } else { random.random_range(0..clients) }, is_press: false }
        })
        .collect();
    let (mut alerts, mut index, mut next) = (0, 0, PRESSES_EVERY / 2);
    while index + 2 < slots.len() {
        if slots[index].at >= next && slots[index + 2].at - slots[index].at < PRESSES_WITHIN {
            let client = slots[index].client;
            for slot in &mut slots[index..index + 3] {
                (slot.client, slot.is_press) = (client, true);
            }
            alerts += 1;
            next = slots[index].at + PRESSES_EVERY;
            index += 3;
        } else {
            index += 1;
        }
    }
    Plan { slots, alerts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_decides_count_clients_and_size() {
        let load = Load { rate: 100.0, seconds: 20, clients: 5, hot_key_share: 0.9, ..Load::default() };
        let Plan { slots, alerts } = plan(&load, 3);
        assert!((1999..=2000).contains(&slots.len()) && slots.is_sorted_by_key(|slot| slot.at));
        assert_eq!(slots.iter().filter(|slot| slot.is_press).count() as u64, 3 * alerts);
        assert!((6..=7).contains(&alerts), "{alerts}");
        let hot = slots.iter().filter(|slot| slot.client == 0).count();
        assert!((1700..1990).contains(&hot), "{hot}");
        let size = slots[0].event(500).1.to_string().len();
        assert!((480..=520).contains(&size), "{size}");
        assert_eq!(plan(&load, 3), Plan { slots, alerts });
    }

    #[test]
    fn quick_presses_are_far_from_the_next_ones() {
        let Plan { slots, alerts } = plan(&Load { rate: 5.0, seconds: 30, clients: 2, ..Load::default() }, 1);
        let presses: Vec<_> = slots.iter().filter(|slot| slot.is_press).collect();
        assert!(alerts > 5);
        for (one, other) in presses.chunks(3).zip(presses.chunks(3).skip(1)) {
            assert!(one[2].at - one[0].at < PRESSES_WITHIN && other[0].at - one[2].at > PRESSES_WITHIN);
        }
    }
}
