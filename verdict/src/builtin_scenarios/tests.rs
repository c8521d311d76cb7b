//! Tests of the set.

use std::collections::BTreeSet;
use std::path::Path;

use domain::Route;

use super::*;
use crate::Criterion;
use crate::scenario::{Prediction, Stack};

/// The repetitions and the additional seconds of a run that the times of the sets are planned with.
const REPETITIONS: u32 = 5;
const START_AND_END: u32 = 8;

fn check(files: &[File], folder: &str) {
    let mut embedded = BTreeSet::new();
    for (name, text) in files {
        let scenario = Scenario::parse(text, name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(*name, format!("{folder}/{}.toml", scenario.name));
        assert!(embedded.insert(scenario.name), "{name} is there twice");
        assert!(!scenario.predict.is_empty(), "{name} has no prediction");
    }
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there = entries.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    assert_eq!(embedded, there, "every file is embedded");
}

#[test]
fn every_file_is_a_scenario_of_its_name() {
    check(ALL, "scenarios");
    check(QUICK, "scenarios/quick");
    assert!(all().len() >= 22);
}

#[test]
fn quick_scenarios_are_short_variants() {
    let (all, quick) = (all(), quick());
    assert_eq!(quick.len(), 5);
    for short in &quick {
        let long = all.iter().find(|long| long.name == short.name).unwrap();
        assert!(short.load.seconds < long.load.seconds, "{}", short.name);
        let stack = Stack { store_ttl_seconds: short.stack.store_ttl_seconds, ..long.stack.clone() };
        assert_eq!((&short.lesson, &short.stack), (&long.lesson, &stack));
        assert_eq!((short.load.rate, short.load.shape), (long.load.rate, long.load.shape));
    }
}

#[test]
fn the_sets_end_in_time() {
    let seconds: u32 = all().iter().map(|scenario| scenario.load.seconds + START_AND_END).sum();
    assert!(seconds * 3 * REPETITIONS < 3 * 3600, "{} s", seconds * 3 * REPETITIONS);
    // Three repetitions; a start takes 2 s without a broker and 6 s with one; 30 s are left for the ends of runs.
    let quick: u32 = quick().iter().map(|scenario| 3 * (3 * scenario.load.seconds + 2 + 2 + 6)).sum();
    assert!(quick <= 330, "{quick} s");
}

#[test]
fn plain_http_is_predicted_to_be_best_in_at_least_six() {
    let important =
        |criterion: &Criterion| !matches!(criterion, Criterion::Memory | Criterion::Parts | Criterion::Disk);
    let http_wins = |scenario: &&Scenario| {
        let predictions = scenario.predict.iter().filter(|(criterion, _)| important(criterion));
        predictions.into_iter().any(|(_, best)| matches!(best, Prediction::Best(best) if !best.contains(&Route::Kafka)))
    };
    let won = all().iter().filter(http_wins).count();
    assert!(won >= 6, "{won}");
}
