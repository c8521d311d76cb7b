//! Rules about the start and the resources, and about differences that are not sure.

use super::facts::Facts;
use crate::judgement::{CriterionVerdict, Outcome, PairVerdict, Rule};
use crate::results::PartUse;
use crate::{Criterion, number, phrase, statistics};

/// The starts, if they differ.
pub(super) fn startup(facts: &Facts<'_>) -> Vec<String> {
    if !facts.scenario.faults.is_empty() || facts.widest(Criterion::Startup).is_none() {
        return Vec::new();
    }
    let medians = facts.medians(Criterion::Startup);
    let part = |(route, median)| format!("{route} after {}", number::value(Criterion::Startup, median));
    let parts = phrase::list(medians.into_iter().map(part).collect(), "and");
    vec![format!("From the start of its first process, the first event was processed by {parts}.")]
}

/// The part that takes most of what a route takes more.
pub(super) fn resources(facts: &Facts<'_>) -> Vec<String> {
    if !facts.scenario.faults.is_empty() {
        return Vec::new();
    }
    let memory = largest(facts, Criterion::Memory, "memory", "MiB", |part| part.memory_mib);
    let cpu = largest(facts, Criterion::Cpu, "CPU time", "s", |part| part.cpu_seconds);
    memory.into_iter().chain(cpu).collect()
}

fn largest(facts: &Facts<'_>, criterion: Criterion, noun: &str, unit: &str, of: fn(&PartUse) -> f64) -> Option<String> {
    let (less, more) = facts.widest(criterion)?;
    let names = facts.runs(more).first()?.parts.keys();
    let amount = |name: &String| facts.typical(more, |run| run.parts.get(name).map(of));
    let (name, amount) =
        names.filter_map(|name| Some((name, amount(name)?))).max_by(|(_, x), (_, y)| x.total_cmp(y))?;
    let total: f64 = facts.typical(more, |run| Some(run.parts.values().map(of).sum()))?;
    let measured = facts.median(criterion, more)?;
    // The parts must explain the criterion; the most memory of each part is about the most of all together, or more.
    let explains = criterion != Criterion::Memory || total >= 0.9 * measured;
    if !explains || amount * 2.0 < total {
        return None;
    }
    let others = number::value(criterion, facts.median(criterion, less)?);
    Some(format!(
        "{more} {}, {less} {others}; most of {more}'s {noun} goes to the part {name} ({} of {} {unit} in a run).",
        phrase::of(criterion, measured),
        number::short(amount),
        number::short(total),
    ))
}

/// Whether anything is sure at all. A single run of each route has only its numbers.
pub(super) fn unsure(facts: &Facts<'_>) -> Vec<String> {
    if facts.verdicts.iter().flat_map(|verdict| &verdict.pairs).all(|pair| pair.rule == Rule::TooFewRuns) {
        return Vec::new();
    }
    let decided = |pair: &PairVerdict| matches!(pair.outcome, Outcome::Better | Outcome::Worse);
    let (parts, others): (Vec<_>, Vec<_>) =
        facts.verdicts.iter().partition(|verdict| verdict.criterion == Criterion::Parts);
    let any = |verdicts: &[&CriterionVerdict]| verdicts.iter().flat_map(|verdict| &verdict.pairs).any(decided);
    let mut sentences = Vec::new();
    if !any(&others) {
        let but = if any(&parts) { ", the number of parts apart" } else { "" };
        sentences.push(format!("No difference between the routes is sure{but}."));
    }
    let few = |pair: &&PairVerdict| {
        pair.rule == Rule::Ranks && pair.effect.is_some_and(|effect| effect.confidence < statistics::LEAST_CONFIDENCE)
    };
    let fewest = |verdict: &CriterionVerdict, pair: &PairVerdict| {
        [pair.a, pair.b].into_iter().filter_map(|route| verdict.summaries.get(route)).map(|summary| summary.count).min()
    };
    let counts =
        others.iter().flat_map(|verdict| verdict.pairs.iter().filter(few).filter_map(|pair| fewest(verdict, pair)));
    sentences.extend(counts.min().map(|count| {
        format!(
            "With {count} valid runs of a route no measured time, use of the machine or number of waiting events is sure, however \
             large the difference; with five of each route it can be."
        )
    }));
    sentences
}
