//! The plan, checked with the rules.

use std::collections::BTreeMap;

use domain::rules::steady_clicks::SteadyClicks;
use domain::rules::{Memory, Settings, UseCase};
use domain::{Event, SessionId, Source, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn parameters(rate: f64, clients: u32) -> Parameters {
    Parameters { rate, clients, seconds: 60, ..Parameters::default() }
}

fn event(slot: &Slot) -> Event {
    let (kind, data) = slot.action.event("run");
    let time = Timestamp::from_micros(slot.at.as_micros() as i64);
    let event = Event::new(Uuid::nil(), Source::Session(SessionId(Uuid::nil())), kind, time);
    Event { sequence: Some(1), partitionkey: slot.client.to_string(), data: data.into(), ..event }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_seed_makes_the_same_plan_and_another_makes_another(seed in 0..u32::MAX, rate in 1.0f64..500.0) {
        let plan = |seed| Plan::new(parameters(rate, 9), seed).take(500).collect::<Vec<_>>();
        prop_assert_eq!(plan(seed), plan(seed));
        prop_assert_ne!(plan(seed), plan(seed + 1));
    }

    /// The rule *steady clicks* finds every burst, once, and nothing else.
    #[test]
    fn the_rule_finds_every_burst_once(seed: u32, rate in 0.5f64..1000.0, clients in 1u32..40) {
        let settings = Settings::default_of(&SteadyClicks.fields());
        let (mut memories, mut found, mut bursts) = (BTreeMap::<String, Memory>::new(), 0, 0);
        for slot in Plan::new(parameters(rate, clients), seed) {
            let event = event(&slot);
            prop_assert!(event.validate().is_ok());
            bursts += u64::from(slot.action == Action::Press { ends_burst: true });
            if SteadyClicks.wants(&settings, &event) {
                let memory = memories.entry(SteadyClicks.key(&event)).or_default();
                found += u64::from(SteadyClicks.observe(&settings, memory, &event, Timestamp::MIN).is_some());
            }
        }
        prop_assert_eq!(found, bursts);
        if rate > 10.0 {
            prop_assert!((10..=30).contains(&bursts), "{bursts} in a minute");
        }
    }

    #[test]
    fn orders_go_step_by_step_at_one_client_and_some_are_left(seed: u32) {
        let mut orders = BTreeMap::<u32, (usize, usize)>::new();
        for slot in Plan::new(parameters(1000.0, 20), seed) {
            if let Action::Order { number, step } = slot.action {
                let (client, next) = orders.entry(number).or_insert((slot.client, 0));
                prop_assert_eq!((*client, *next), (slot.client, step));
                *next += 1;
            }
        }
        let left = orders.values().filter(|(_, next)| *next < STEPS.len()).count() as f64;
        let (all, share) = (orders.len() as f64, 1.0 / f64::from(LEFT_ONE_IN));
        // Seven standard deviations, and the orders that the end of the plan cut off.
        let tolerance = 7.0 * (all * share * (1.0 - share)).sqrt() + 40.0;
        prop_assert!(all > 1500.0 && (left - all * share).abs() < tolerance, "{left} of {all}");
    }

    #[test]
    fn clients_come_one_after_the_other(seed: u32) {
        let slots = Plan::new(Parameters { ramp_up_seconds: 30, ..parameters(200.0, 30) }, seed);
        let mut last = 0;
        for slot in slots {
            let seconds = slot.at.as_secs_f64();
            prop_assert!(slot.client as f64 <= seconds, "{slot:?}");
            last = last.max(slot.client);
        }
        prop_assert_eq!(last, 29);
    }
}

#[test]
fn a_count_ends_it() {
    let all = Parameters { count: Some(77), ..parameters(1000.0, 3) };
    assert_eq!(Plan::new(all, 1).count(), 77);
}
