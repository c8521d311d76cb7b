//! `ese compare --self-check`: whether the judge finds the differences that are there, and no others.
//!
//! 1. A route against itself: no side may be called better. One of twenty seeds may err.
//! 2. A route against itself with 10 ms more in its step: it must be worse, and the hop must be named.
//! 3. A deliberate bug in the services: it must show in the books of a run. Only debug builds have bugs to inject.

use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use domain::Route;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use runtime::injected_bug::InjectedBug;
use tokio_util::sync::CancellationToken;
use verdict::judgement::Outcome;
use verdict::results::{Results, Run, ScenarioResult};
use verdict::{Criterion, Scenario, judge};

use super::comparison::Comparison;
use super::run::{self, Order};
use super::validity::{BOOKS, MISSING_EFFECTS};
use super::watch::Watch;
use crate::terminal;

/// Runs of each side.
const REPETITIONS: u32 = 5;
/// Of twenty seeds, one may find a difference that is not there; of fewer, one as well.
const SEEDS_A_FALSE: usize = 20;
/// How often a run is made until it is valid.
const TRIES: u32 = 3;
/// How often a run is made until it shows a bug.
const BUG_TRIES: u64 = 6;
/// The two sides of a comparison, by the routes as which the judge gets them.
const SIDES: [Route; 2] = [Route::HttpPush, Route::HttpPoll];
/// A bug, and the line of the books in which it shows.
type Shown = (InjectedBug, &'static str);
/// The scenarios and routes that show the deliberate bugs.
const BUGS: [(&str, Route, &[Shown]); 3] = [
    (CRASHES, Route::Kafka, &[(InjectedBug::MoveEarly, "Lost events"), (InjectedBug::LoseMail, MISSING_EFFECTS)]),
    (REPEATS, Route::Kafka, &[(InjectedBug::AcceptEarly, "Lost events")]),
    (REPEATS, Route::HttpPush, &[(InjectedBug::SkipDedupe, "Duplicated effects")]),
];

/// A short load with a crash of the consumer, so that as many criteria as possible are measured.
const SAME: &str = include_str!("../../../../scenarios/self-check/same.toml");
/// Each event takes the consumer 10 ms more.
const SLOW: &str = include_str!("../../../../scenarios/self-check/slow.toml");
/// Consumer and backend crash again and again.
const CRASHES: &str = include_str!("../../../../scenarios/self-check/crashes.toml");
/// The backend crashes again and again before it has answered: senders repeat events that were processed.
const REPEATS: &str = include_str!("../../../../scenarios/self-check/repeats.toml");
/// The checks.
#[derive(Debug, Default)]
pub(super) struct SelfCheck {
    stop: CancellationToken,
    progress: Mutex<String>,
}

impl SelfCheck {
    /// Makes the checks, the first with so many seeds. Returns whether all pass; an error if they were stopped, or if too few
    /// runs are valid.
    pub(super) async fn run(&self, seeds: u32) -> anyhow::Result<bool> {
        Ok(self.itself(seeds).await? & self.planted_delay(seeds).await? & self.planted_bugs().await?)
    }

    /// The run under way, for people.
    pub(super) fn progress(&self) -> String {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the checks.
    pub(super) const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    async fn itself(&self, seeds: u32) -> anyhow::Result<bool> {
        let scenario = Scenario::parse(SAME, "same.toml")?;
        let mut wrong = 0;
        for (seed, route) in (1..=seeds).zip(Route::ALL.into_iter().cycle()) {
            let judgement = verdict::judge(&self.sides(&[scenario.clone(), scenario.clone()], route, seed).await?);
            let found = judge::differences(&judgement, SIDES[0], SIDES[1]);
            let criteria: Vec<_> = found.iter().map(|(_, criterion, _)| criterion.title()).collect();
            let criteria = if criteria.is_empty() { "no difference".to_owned() } else { criteria.join(", ") };
            terminal::out(&format!("{route} against itself, seed {seed} of {seeds}: {criteria}"));
            wrong += usize::from(!found.is_empty());
        }
        Ok(passed(
            wrong <= (seeds as usize / SEEDS_A_FALSE).max(1),
            &format!("{wrong} of {seeds} seeds found a difference that is not there"),
        ))
    }

    async fn planted_delay(&self, seeds: u32) -> anyhow::Result<bool> {
        let slow = Scenario::parse(SLOW, "slow.toml")?;
        let plain = Scenario { faults: Vec::new(), ..slow.clone() };
        let mut all = true;
        for (seed, route) in (1..=seeds).zip([Route::HttpPoll, Route::HttpPush, Route::Kafka]) {
            let judgement = verdict::judge(&self.sides(&[plain.clone(), slow.clone()], route, seed).await?);
            let [scenario] = &judgement.scenarios[..] else { anyhow::bail!("one scenario has one verdict") };
            let outcome = judgement
                .verdict(&scenario.name, Criterion::ProcessedP50)
                .map_or(Outcome::Undecided, |verdict| verdict.outcome(SIDES[1], SIDES[0]));
            let why = scenario.why.join(" ");
            let is_found = outcome == Outcome::Worse && why.contains("“in the step”");
            all &= passed(is_found, &format!("10 ms more in the step of {route}: {outcome:?}. {why}"));
        }
        Ok(all)
    }

    async fn planted_bugs(&self) -> anyhow::Result<bool> {
        let mut all = true;
        for (text, route, bugs) in &BUGS {
            let route = *route;
            let scenario = &Scenario::parse(text, "crashes.toml")?;
            let without_bug = Order { scenario, route, repetition: 1, seed: 1, injected_bug: None, own: None };
            let wrong = self.books(&without_bug).await?;
            all &= passed(wrong.is_empty(), &format!("{} over {route} with no bug: {}", scenario.name, words(&wrong)));
            for &(bug, line) in *bugs {
                let mut wrong = Vec::new();
                let has_line = |wrong: &[String]| wrong.iter().any(|wrong| wrong.contains(line));
                // The kills hit its moment by chance, so each try has other moments.
                for seed in 1..=BUG_TRIES {
                    let order = Order { seed, injected_bug: Some(bug), ..without_bug };
                    wrong = self.books(&order).await?;
                    if has_line(&wrong) {
                        // The same moments without the bug: else the books might be wrong for another reason.
                        let clean =
                            if seed == 1 { Vec::new() } else { self.books(&Order { seed, ..without_bug }).await? };
                        all &= clean.is_empty()
                            || passed(false, &format!("the moments of seed {seed} with no bug: {}", words(&clean)));
                        break;
                    }
                }
                all &= passed(
                    has_line(&wrong),
                    &format!("{} over {route} with {bug:?}: {}", scenario.name, words(&wrong)),
                );
            }
        }
        Ok(all)
    }

    /// The results of one route under two names, with a scenario for each.
    async fn sides(&self, scenarios: &[Scenario; 2], route: Route, seed: u32) -> anyhow::Result<Results> {
        let mut random = StdRng::seed_from_u64(seed.into());
        let mut runs = Vec::new();
        for repetition in 1..=REPETITIONS {
            let first = random.random_range(0..2);
            for side in [first, 1 - first] {
                let load = (u64::from(seed) << 32) + u64::from(repetition);
                let order =
                    Order { scenario: &scenarios[side], route, repetition, seed: load, injected_bug: None, own: None };
                let run = self.one(&order, |run| run.void.is_empty()).await?;
                runs.push(Run { route: SIDES[side], ..run });
            }
        }
        let results = Comparison::new(Vec::new(), REPETITIONS, seed.into(), String::new(), None).results();
        Ok(Results { scenarios: vec![ScenarioResult { scenario: scenarios[1].clone(), runs }], ..results })
    }

    /// The lines of the books of a run that are not as they must be. The machine may be busy.
    async fn books(&self, order: &Order<'_>) -> anyhow::Result<Vec<String>> {
        let run = self.one(order, |run| run.values.contains_key(&Criterion::Lost)).await?;
        Ok(wrong_books(&run))
    }

    /// A run for which `counts` holds; it may be void all the same.
    async fn one(&self, order: &Order<'_>, counts: impl Fn(&Run) -> bool) -> anyhow::Result<Run> {
        let Order { scenario, route, repetition, .. } = order;
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) =
            format!("{} over {route}, repetition {repetition}", scenario.name);
        let mut void = Vec::new();
        for _ in 0..TRIES {
            let made = run::run(order, &Watch::default(), &self.stop).await;
            let (run, _) = made.context("the self-check was stopped")?;
            if counts(&run) {
                return Ok(run);
            }
            void = run.void;
        }
        let why = if void.is_empty() { "a value is missing".to_owned() } else { void.join("; ") };
        anyhow::bail!("{TRIES} runs of `{}` do not count, the last one since {why}", scenario.name)
    }
}

/// The lines of the books that are not as they must be.
fn wrong_books(run: &Run) -> Vec<String> {
    let mut wrong: Vec<String> =
        run.void.iter().filter(|reason| BOOKS.iter().any(|books| reason.contains(books))).cloned().collect();
    for criterion in [Criterion::Lost, Criterion::Duplicated] {
        let value = run.values.get(&criterion).copied().unwrap_or_default();
        wrong.extend((value > 0.0).then(|| format!("{}: {value}", criterion.title())));
    }
    wrong
}

fn words(wrong: &[String]) -> String {
    if wrong.is_empty() { "the books are exact".to_owned() } else { wrong.join("; ") }
}

/// Prints the result of a check, and returns it.
fn passed(is_right: bool, what: &str) -> bool {
    terminal::out(&format!("{} {what}", if is_right { "passed:" } else { "FAILED:" }));
    is_right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_books_are_lost_or_doubled_events_and_what_voids_a_run() {
        for (text, name) in [(SAME, "same"), (SLOW, "slow"), (CRASHES, "crashes"), (REPEATS, "repeats")] {
            assert_eq!(Scenario::parse(text, "it.toml").map(|scenario| scenario.name).unwrap(), name);
        }
        let exact = Run { void: vec!["the generator was late".to_owned()], ..Run::new(Route::Kafka, 1) };
        assert_eq!(wrong_books(&exact), Vec::<String>::new());
        let mut wrong = Run { void: vec!["the ledger's residual is -1".to_owned()], ..exact };
        wrong.values.extend([(Criterion::Lost, 2.0), (Criterion::Duplicated, 0.0)]);
        assert_eq!(wrong_books(&wrong), ["the ledger's residual is -1", "Lost events: 2"]);
    }
}
