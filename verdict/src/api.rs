//! `/api/compare`: comparisons that a page starts, and follows.

use domain::{ByRoute, Route};
use serde::{Deserialize, Serialize};

use crate::Results;
use crate::judgement::{Judgement, PredictionOutcome, Row, ScenarioVerdicts};
use crate::report::{best, processor};
use crate::results::ScenarioResult;

/// The most repetitions of a comparison from the page.
pub const MAX_REPETITIONS: u32 = 5;

/// The answer to `GET /api/compare`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ComparisonView {
    /// The comparison that is under way, if there is one.
    pub running: Option<Running>,
    /// The last one that ended, or the published one before the first; `GET /api/compare/results` has all of it, and
    /// `GET /api/compare/report` its report.
    pub last: Option<Last>,
}

/// The outcome of a comparison, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Last {
    /// Its start, as RFC 3339.
    pub began: String,
    /// Its command line.
    pub command: String,
    /// Whether it comes with the program, and did not run here.
    pub published: bool,
    /// The processor of its machine, and how many there are.
    pub machine: String,
    /// How many repetitions of each scenario were asked for.
    pub repetitions: u32,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// The answer: a sentence for each choice.
    pub answers: Vec<String>,
    /// The reasons: the sentences of the choice, the most important first.
    pub choices: Vec<String>,
    /// The decision table.
    pub table: Vec<Row>,
    /// The scenarios, in the order of the results.
    pub scenarios: Vec<Outcome>,
}

/// The outcome of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outcome {
    /// The scenario's name.
    pub name: String,
    /// Its question.
    pub question: String,
    /// The criteria at which each route is best, and not all are.
    pub best: ByRoute<Vec<String>>,
    /// The predictions that were wrong: their criteria.
    pub wrong: Vec<String>,
    /// The predictions that the runs neither confirm nor contradict: their criteria.
    pub open: Vec<String>,
    /// The reasons for the numbers, in sentences.
    pub why: Vec<String>,
    /// How many runs decide nothing.
    pub void: usize,
}

impl Last {
    /// The outcome of these results, as they were judged, of a comparison that ran here.
    pub fn of(results: &Results, judgement: &Judgement) -> Self {
        let outcome = |(result, verdicts): (&ScenarioResult, &ScenarioVerdicts)| {
            let predicted = |outcome| {
                let with = verdicts.criteria.iter().filter(move |verdict| {
                    verdict.prediction.as_ref().is_some_and(|prediction| prediction.outcome == outcome)
                });
                with.map(|verdict| verdict.criterion.title().to_owned()).collect()
            };
            Outcome {
                name: verdicts.name.clone(),
                question: result.scenario.question.clone(),
                best: best(verdicts)
                    .into_iter()
                    .map(|(route, titles)| (route, titles.into_iter().map(str::to_owned).collect()))
                    .collect(),
                wrong: predicted(PredictionOutcome::Wrong),
                open: predicted(PredictionOutcome::Undecided),
                why: verdicts.why.clone(),
                void: verdicts.void,
            }
        };
        Self {
            began: results.began.clone(),
            command: results.command.clone(),
            published: false,
            machine: processor(&results.machine),
            repetitions: results.repetitions,
            stopped: results.stopped,
            answers: judgement.choice.answers.clone(),
            choices: judgement.choice.sentences.iter().map(|sentence| sentence.text.clone()).collect(),
            table: judgement.choice.table.clone(),
            scenarios: results.scenarios.iter().zip(&judgement.scenarios).map(outcome).collect(),
        }
    }
}

/// A comparison that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Running {
    /// The name of the only scenario; none for the quick comparison.
    pub scenario: Option<String>,
    /// How many runs have ended.
    pub done: u32,
    /// How many runs there are.
    pub of: u32,
    /// The time to go, in seconds.
    pub seconds_left: f64,
    /// The scenario of the present run, with its ended runs and, as the last one, the present run so far: of that the
    /// timeline and the faults alone. None between two runs.
    pub now: Option<ScenarioResult>,
    /// The visitor's own clicks in the present run, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clicks: Vec<OwnClick>,
}

/// A click of a visitor in a run, by `POST /api/compare/click`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OwnClick {
    /// The route of the run.
    pub route: Route,
    /// The time until it was accepted, in milliseconds; none as long as it is not.
    pub accepted_ms: Option<f64>,
    /// The time until it was processed, in milliseconds; none as long as it is not.
    pub processed_ms: Option<f64>,
}

/// The time to go, for people: whole seconds below 100 s, else minutes, rounded up.
pub fn to_go(seconds: f64) -> String {
    match seconds.max(0.0).round() as u64 {
        seconds @ 0..=99 => format!("{seconds} s to go"),
        seconds => format!("{} min to go", seconds.div_ceil(60)),
    }
}

/// The body of `POST /api/compare`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparisonRequest {
    /// The name of one scenario; without it the quick comparison.
    #[serde(default)]
    pub scenario: Option<String>,
    /// How many repetitions, 1 to [`MAX_REPETITIONS`]; by default 1 for one scenario and 3 for the quick comparison.
    #[serde(default)]
    pub repetitions: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Criterion, made_up};

    #[test]
    fn the_time_to_go_is_in_seconds_and_then_in_minutes() {
        let texts = [-1.0, 99.4, 99.5, 120.0, 121.0].map(to_go);
        assert_eq!(texts, ["0 s to go", "99 s to go", "2 min to go", "2 min to go", "3 min to go"]);
    }

    #[test]
    fn the_decision_table_comes_with_the_outcome() {
        let values =
            [(Route::HttpPush, Criterion::Lost, &[0.0; 5][..]), (Route::Kafka, Criterion::Lost, &[0.0; 5][..])];
        let results = made_up::results(vec![made_up::result(made_up::scenario("x"), &values)]);
        let last = Last::of(&results, &crate::judge(&results));
        assert_eq!((last.table.len(), last.repetitions, last.published), (1, 5, false));
        let json = serde_json::to_string(&last).unwrap();
        assert_eq!(serde_json::from_str::<Last>(&json).unwrap(), last);
    }

    #[test]
    fn nothing_is_decided_by_nothing() {
        let result = ScenarioResult { scenario: crate::builtin_scenarios::quick().remove(0), runs: Vec::new() };
        let results = Results { stopped: true, ..made_up::results(vec![result]) };
        let last = Last::of(&results, &crate::judge(&results));
        assert!(last.stopped && !last.answers.is_empty());
        let [outcome] = &last.scenarios[..] else { panic!("{last:?}") };
        assert_eq!(outcome.question, results.scenarios[0].scenario.question);
        assert!(outcome.best.values().all(Vec::is_empty) && outcome.wrong.is_empty() && !outcome.open.is_empty());
    }
}
