//! The events of a scenario's load: a pure function of the load and a seed.

use std::time::Duration;

use domain::Kind;
use domain::api::simulation::Parameters;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use verdict::scenario::Load;

use crate::experiments::simulate::arrivals::Arrivals;

/// The time from one burst of quick presses to the next, at least. Bursts of three, about which an alert is due, take turns with
/// bursts of two, about which none is: if a press of these counts twice, there is an alert too many.
const PRESSES_EVERY: Duration = Duration::from_millis(500);
/// The events from one burst to the next, at least.
const EVENTS_A_BURST: usize = 30;
/// The presses of a burst lie within this time, as the rule *steady clicks* requires.
const PRESSES_WITHIN: Duration = Duration::from_secs(1);

/// An event to come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// When it is due, since the load's start.
    pub(super) at: Duration,
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
    /// The bursts of three presses: the client, and the number of its first one. The rule *steady clicks* must find each once.
    pub(super) bursts: Vec<(usize, u64)>,
}

impl Plan {
    /// How many bursts lie within these numbers of each client: an alert is due for each.
    pub(super) fn alerts(&self, seen: impl Fn(usize, u64) -> bool) -> u64 {
        let whole = |(client, first): &&(usize, u64)| (*first..first + 3).all(|number| seen(*client, number));
        self.bursts.iter().filter(whole).count() as u64
    }
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
    let (mut bursts, mut numbers, mut rests_until) = (Vec::new(), vec![0u64; clients], vec![Duration::ZERO; clients]);
    let (mut index, mut next_index, mut next_at, mut presses) = (0, EVENTS_A_BURST / 2, PRESSES_EVERY / 2, 3);
    while index < slots.len() {
        let (at, client) = (slots[index].at, slots[index].client);
        let is_quick = slots.get(index + presses - 1).is_some_and(|last| last.at - at < PRESSES_WITHIN);
        let is_burst = index >= next_index && at >= next_at && at >= rests_until[client] && is_quick;
        if is_burst {
            for slot in &mut slots[index..index + presses] {
                (slot.client, slot.is_press) = (client, true);
            }
            bursts.extend((presses == 3).then(|| (client, numbers[client] + 1)));
            // The last press is at most PRESSES_WITHIN later.
            rests_until[client] = at + 2 * PRESSES_WITHIN;
            (next_index, next_at) = (index + EVENTS_A_BURST, at + PRESSES_EVERY);
        }
        let events = if is_burst { presses } else { 1 };
        presses = if is_burst { 5 - presses } else { presses };
        numbers[client] += events as u64;
        index += events;
    }
    Plan { slots, bursts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_decides_count_clients_and_size() {
        let load = Load { rate: 100.0, seconds: 20, clients: 5, hot_key_share: 0.9, ..Load::default() };
        let Plan { slots, bursts } = plan(&load, 3);
        assert!((1999..=2000).contains(&slots.len()) && slots.is_sorted_by_key(|slot| slot.at));
        let presses = slots.iter().filter(|slot| slot.is_press).count();
        assert!(presses == 5 * bursts.len() || presses == 5 * bursts.len() - 2, "three and two in turn: {presses}");
        assert!((12..=20).contains(&bursts.len()), "one each second, of a client that has rested: {bursts:?}");
        let hot = slots.iter().filter(|slot| slot.client == 0).count();
        assert!((1700..1990).contains(&hot), "{hot}");
        let size = slots[0].event(500).1.to_string().len();
        assert!((480..=520).contains(&size), "{size}");
        assert_eq!(plan(&load, 3), Plan { slots, bursts });
    }

    #[test]
    fn a_client_rests_between_two_bursts() {
        let Plan { slots, bursts } = plan(&Load { rate: 60.0, seconds: 30, clients: 4, ..Load::default() }, 1);
        assert!(bursts.len() > 20, "{}", bursts.len());
        for client in 0..4 {
            let own: Vec<_> = slots.iter().filter(|slot| slot.client == client).collect();
            let presses: Vec<_> = own.iter().filter(|slot| slot.is_press).collect();
            for some in presses.chunk_by(|one, other| other.at - one.at < PRESSES_WITHIN) {
                assert!(
                    matches!(some.len(), 2 | 3) && some[some.len() - 1].at - some[0].at < PRESSES_WITHIN,
                    "{some:?}"
                );
            }
            for (_, first) in bursts.iter().filter(|(of, _)| *of == client) {
                assert!(own[*first as usize - 1..][..3].iter().all(|slot| slot.is_press), "{client} {first}");
            }
        }
    }

    #[test]
    fn an_alert_is_due_for_each_whole_burst() {
        let plan = Plan { slots: Vec::new(), bursts: vec![(0, 1), (0, 7), (1, 2)] };
        assert_eq!(plan.alerts(|_, _| true), 3);
        assert_eq!(plan.alerts(|client, number| (client, number) != (0, 9)), 2, "9 is lost");
    }
}
