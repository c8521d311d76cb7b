//! The runs: which are valid, their ledgers, and how they were made.

use std::collections::BTreeMap;

use domain::Route;
use domain::ledger::Balance;

use crate::number::{count, short};
use crate::results::{Machine, Results, Run, ScenarioResult};

/// The valid runs of a route.
pub(crate) fn valid_runs(result: &ScenarioResult, route: Route) -> impl Iterator<Item = &Run> {
    result.runs.iter().filter(move |run| run.route == route && run.void.is_empty())
}

/// All void runs: their scenarios' names, themselves, and the reasons in one sentence.
pub(crate) fn void_runs(results: &Results) -> Vec<(&str, &Run, String)> {
    let all = results.scenarios.iter().flat_map(|result| result.runs.iter().map(|run| (&result.scenario.name, run)));
    let void = all.filter(|(_, run)| !run.void.is_empty());
    void.map(|(scenario, run)| (scenario.as_str(), run, run.void.join("; "))).collect()
}

/// For each route that refused something: how often and why, over its valid runs.
pub(crate) fn refusals(result: &ScenarioResult) -> Vec<(Route, String)> {
    let of = |route| {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for (reason, number) in valid_runs(result, route).flat_map(|run| &run.refusals) {
            *sums.entry(reason).or_default() += number;
        }
        let texts: Vec<String> = sums.iter().map(|(reason, number)| format!("{reason}: {}", count(*number))).collect();
        (!texts.is_empty()).then(|| (route, texts.join(", ")))
    };
    Route::ALL.into_iter().filter_map(of).collect()
}

/// A term of the ledger: its name, and how to read it.
pub(crate) type Term = (&'static str, fn(&Balance) -> u64);

/// The terms of the ledger, in the order of its identity, with those outside it at the end.
pub(crate) const TERMS: [Term; 9] = [
    ("emitted", |sum| sum.emitted),
    ("processed", |sum| sum.processed),
    ("rejected", |sum| sum.rejected),
    ("shed", |sum| sum.shed),
    ("in flight", |sum| sum.in_flight),
    ("lost", |sum| sum.lost),
    ("duplicates", |sum| sum.duplicates),
    ("reordered", |sum| sum.reordered),
    ("residual", |sum| sum.residual.unsigned_abs()),
];

/// Whether a term has a column: the main ones always, the others if there is a number.
pub(crate) fn is_shown(result: &ScenarioResult, term: &str, read: fn(&Balance) -> u64) -> bool {
    matches!(term, "emitted" | "processed" | "lost" | "residual")
        || result.runs.iter().any(|run| run.void.is_empty() && read(&run.ledger) > 0)
}

/// The day of a moment in RFC 3339.
pub(crate) fn date(moment: &str) -> &str {
    moment.split('T').next().unwrap_or(moment)
}

/// The size of the comparison, in one line.
pub(crate) fn made(results: &Results) -> String {
    let runs = results.scenarios.iter().map(|result| result.runs.len() as u64).sum();
    let asked_for = if results.stopped { " asked for" } else { "" };
    format!(
        "{}, {} of each route{asked_for}, {} in all · {} · {}",
        number_of(results.scenarios.len() as u64, "scenario", "scenarios"),
        number_of(results.repetitions.into(), "repetition", "repetitions"),
        number_of(runs, "run", "runs"),
        results.machine.processor,
        date(&results.began),
    )
}

/// What brokers that ran elsewhere change: one sentence each, none without such brokers.
pub(crate) fn own_brokers(results: &Results) -> Vec<String> {
    let Some(own) = &results.own_brokers else { return Vec::new() };
    let mut sentences = vec![
        "The brokers of kafka ran elsewhere. The times of kafka include the way to them.".to_owned(),
        "Their processor time, memory, disk and start were not measured, so these criteria have no value for kafka."
            .to_owned(),
    ];
    sentences.extend(own.left_out.iter().map(|left| format!("{} was left out: {}.", left.scenario, left.why)));
    sentences
}

/// The processor, and how many there are.
pub(crate) fn processor(machine: &Machine) -> String {
    format!("{}, {}", machine.processor, number_of(machine.cores.into(), "core", "cores"))
}

/// The machine, the versions and the command, by their names.
pub(crate) fn facts(results: &Results) -> Vec<(String, String)> {
    let machine = &results.machine;
    let memory = format!("{} GiB", short(machine.memory_mib as f64 / 1024.0));
    let own = |name: &str, fact: String| (name.to_owned(), fact);
    let mut facts =
        vec![own("Processor", processor(machine)), own("Memory", memory), own("System", machine.system.clone())];
    facts.extend(results.versions.iter().map(|(name, version)| own(name, version.clone())));
    facts.extend([own("Began", results.began.clone()), own("Seed", results.seed.to_string())]);
    facts.push(own("Command", results.command.clone()));
    facts
}

/// `1 run`, `2 runs`.
pub(crate) fn number_of(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}
