//! From everything that was measured to the run of `results.json`. Pure.

use std::collections::BTreeMap;

use domain::Route;
use domain::ledger::Balance;
use verdict::Criterion;
use verdict::results::{FaultMark, Run};

use super::histograms::Histograms;
use super::numbers::Numbers;
use super::recorder::Record;
use super::usage::Used;
use super::validity::{self, Facts};
use crate::experiments::durations::Durations;

pub(super) struct Measured {
    pub(super) route: Route,
    pub(super) record: Record,
    /// The load's start, in microseconds since the epoch.
    pub(super) began: i64,
    /// The load's time.
    pub(super) seconds: f64,
    /// How late each event was emitted, in microseconds.
    pub(super) lateness: Vec<u64>,
    /// The ledger at the end.
    pub(super) balance: Balance,
    /// Alerts and mails that were due and did not come.
    pub(super) missing_effects: u64,
    /// The parts' use of the machine.
    pub(super) used: Used,
    /// The faults as they came.
    pub(super) faults: Vec<FaultMark>,
    /// Criteria that do not follow from the others.
    pub(super) extra: Vec<(Criterion, f64)>,
}

/// The run, as its first repetition.
pub(super) fn run(measured: Measured) -> anyhow::Result<(Run, Histograms)> {
    let Measured { route, record, began, seconds, lateness, balance, missing_effects, used, faults, extra } = measured;
    let (lagged, guessed) = (record.lagged, record.guessed.len() as u64);
    let numbers = Numbers::new(record, began, seconds);
    let histograms = Histograms {
        accepted: numbers.until_accepted()?,
        processed: numbers.until_processed()?,
        lateness: Durations::new(lateness)?,
    };
    let due = numbers.events.len() as u64;
    // A route that loses events must not look cheap.
    let each = 1.0 / balance.processed.max(1) as f64;
    let mut values = BTreeMap::from([
        (Criterion::Unavailable, numbers.unavailable()),
        (Criterion::Lost, due.saturating_sub(balance.processed) as f64),
        (Criterion::OutOfOrder, balance.reordered as f64),
        (Criterion::MostWaiting, numbers.most_waiting() as f64),
        (Criterion::Cpu, 1000.0 * used.cpu_seconds * each),
        (Criterion::Memory, used.memory_mib),
        (Criterion::Disk, used.disk_bytes * each),
    ]);
    let latencies = [
        (Criterion::AcceptedP50, &histograms.accepted, 50.0),
        (Criterion::AcceptedP99, &histograms.accepted, 99.0),
        (Criterion::ProcessedP50, &histograms.processed, 50.0),
        (Criterion::ProcessedP99, &histograms.processed, 99.0),
    ];
    // The 99th percentile of fewer events would be the largest value.
    let latencies = latencies.into_iter().filter(|(_, _, at)| *at < 99.0 || due >= 100);
    values.extend(latencies.filter_map(|(criterion, times, at)| Some((criterion, times.at_of(at, due)?))));
    let ended = faults.iter().map(|mark| mark.ended).reduce(f64::max);
    let recovery = ended.and_then(|ended| numbers.recovery(ended));
    values.extend(recovery.map(|(seconds, _)| (Criterion::Recovery, seconds)));
    values.extend(extra);
    let late_ms = histograms.lateness.at(99.0).unwrap_or_default();
    let run = Run {
        void: validity::reasons(Facts {
            late_ms,
            busy_elsewhere: used.busy_elsewhere,
            balance,
            due,
            lagged,
            guessed,
            missing_effects,
            recovery_guessed: recovery.is_some_and(|(_, is_guess)| is_guess),
        }),
        values,
        due,
        ledger: balance,
        accepted: histograms.accepted.distribution(),
        processed: histograms.processed.distribution(),
        lateness: histograms.lateness.distribution(),
        hops: numbers.hops()?,
        refusals: numbers.refusals(),
        timeline: numbers.timeline(),
        faults,
        parts: used.parts,
        busy_elsewhere: used.busy_elsewhere,
        ..Run::new(route, 1)
    };
    Ok((run, histograms))
}
