//! The judgement on a comparison: verdicts with a statement of how sure they are, and the choice that follows.

use domain::{ByRoute, Route};
use serde::{Deserialize, Serialize};

use crate::Criterion;

/// The judgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The verdicts of each scenario, in the order of the results.
    pub scenarios: Vec<ScenarioVerdicts>,
    /// The choice among the routes.
    pub choice: Choice,
}

/// The verdicts of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioVerdicts {
    /// The scenario's name.
    pub name: String,
    /// One for each criterion that was measured or predicted, in the order of [`Criterion::ALL`].
    pub criteria: Vec<CriterionVerdict>,
    /// How many runs decide nothing.
    pub void: usize,
    /// The reasons for the numbers: the sentences of one paragraph.
    pub why: Vec<String>,
}

/// The verdict on a criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionVerdict {
    /// The criterion.
    pub criterion: Criterion,
    /// The valid runs of each route that was measured.
    pub summaries: ByRoute<Summary>,
    /// Each two routes that were measured, in the routes' order.
    pub pairs: Vec<PairVerdict>,
    /// The routes that are better than all others and practically the same among themselves; all of them if there is no
    /// practical difference, none if that is undecided.
    pub best: Vec<Route>,
    /// The prediction, if there was one, and what became of it.
    pub prediction: Option<Predicted>,
}

/// The valid runs of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The median of the runs.
    pub median: f64,
    /// The least value of a run.
    pub least: f64,
    /// The largest value of a run.
    pub most: f64,
    /// How many runs.
    pub count: usize,
}

/// The verdict on two routes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairVerdict {
    /// The first route.
    pub a: Route,
    /// The second route.
    pub b: Route,
    /// The difference between them; nothing if a route has no valid run.
    pub effect: Option<Effect>,
    /// The verdict on `a`, compared with `b`.
    pub outcome: Outcome,
    /// The rule that gave the verdict.
    pub rule: Rule,
}

/// The difference between two routes, with an interval that covers the true one with the given confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// How the routes are compared.
    pub scale: Scale,
    /// The lower end of the interval.
    pub low: f64,
    /// The estimate.
    pub estimate: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// The exact confidence of the interval, from 0 to 1.
    pub confidence: f64,
}

/// How two routes are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The first divided by the second.
    Ratio,
    /// The first minus the second, in the criterion's unit.
    Difference,
}

/// The verdict on a route, compared with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is better, by more than the band.
    Better,
    /// It is worse, by more than the band.
    Worse,
    /// There is no practical difference.
    Same,
    /// The runs do not decide it.
    Undecided,
}

/// The rules of a verdict on two routes; [`crate::statistics`] explains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A route has fewer than two valid runs: nothing is decided.
    TooFewRuns,
    /// All runs of a route gave the same number, and no chance is in it.
    Exact,
    /// Every run of a route was without the fault that the criterion counts, and of the other route every run or none.
    Clean,
    /// The ranks of the runs.
    Ranks,
}

/// A prediction and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// The routes that were predicted to be best; all three if no difference was predicted.
    pub best: Vec<Route>,
    /// What became of it.
    pub outcome: PredictionOutcome,
}

/// What became of a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictionOutcome {
    /// Every verdict is as predicted.
    Right,
    /// At least one verdict contradicts it.
    Wrong,
    /// No verdict contradicts it, and at least one is undecided.
    Undecided,
}

/// The choice among the routes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// The decision table: one row for each criterion that was measured.
    pub table: Vec<Row>,
    /// The answer: a sentence for each choice.
    pub answers: Vec<String>,
    /// The sentences, the most important first.
    pub sentences: Vec<Sentence>,
}

/// A row of the decision table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Row {
    /// The criterion.
    pub criterion: Criterion,
    /// The scenario that shows it best.
    pub scenario: String,
    /// Whether the scenario shows the reverse of the row above.
    pub is_reverse: bool,
    /// The cells.
    pub cells: ByRoute<Cell>,
    /// In how many scenarios some routes, and not all, are best.
    pub decided_in: usize,
}

/// A cell of the decision table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cell {
    /// The median, with its unit.
    pub value: String,
    /// The mark.
    pub mark: Mark,
    /// In how many scenarios the route, and not each other, is among the best.
    pub best_in: usize,
}

/// The mark of a route among the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It is among the best.
    Best,
    /// It is better than one route, and neither better nor worse than the other, as far as the runs decide it.
    Ahead,
    /// It is better than one route and worse than another.
    Middle,
    /// It is worse than a route and better than none.
    Worst,
    /// There is no practical difference among the routes.
    Same,
    /// The runs do not decide it.
    Undecided,
}

/// A sentence about the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The routes that it is about.
    pub routes: Vec<Route>,
    /// The text: plain text in English.
    pub text: String,
    /// The verdicts behind it.
    pub evidence: Vec<Evidence>,
}

/// A verdict, by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The scenario.
    pub scenario: String,
    /// The criterion.
    pub criterion: Criterion,
}

impl Outcome {
    /// The same verdict, seen from the other route.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Better => Self::Worse,
            Self::Worse => Self::Better,
            same => same,
        }
    }
}

impl CriterionVerdict {
    /// The verdict on a route, compared with another.
    pub fn outcome(&self, route: Route, other: Route) -> Outcome {
        let found = self.pairs.iter().find_map(|pair| match (pair.a, pair.b) {
            ends if ends == (route, other) => Some(pair.outcome),
            ends if ends == (other, route) => Some(pair.outcome.reversed()),
            _ => None,
        });
        found.unwrap_or(Outcome::Undecided)
    }

    /// Whether the route is among the best, and not every route that was measured is.
    pub fn is_best(&self, route: Route) -> bool {
        self.has_best() && self.best.contains(&route)
    }

    /// Whether some routes, and not all that were measured, are best.
    pub fn has_best(&self) -> bool {
        !self.best.is_empty() && self.best.len() < self.summaries.keys().count()
    }

    /// Whether the route has this outcome against one of the others.
    pub fn any(&self, route: Route, others: &[Route], outcome: Outcome) -> bool {
        others.iter().any(|other| *other != route && self.outcome(route, *other) == outcome)
    }
}

impl ScenarioVerdicts {
    /// The verdict on a criterion.
    pub fn criterion(&self, criterion: Criterion) -> Option<&CriterionVerdict> {
        self.criteria.iter().find(|verdict| verdict.criterion == criterion)
    }
}

impl Judgement {
    /// The verdict behind a sentence or a row.
    pub fn verdict(&self, scenario: &str, criterion: Criterion) -> Option<&CriterionVerdict> {
        self.scenarios.iter().find(|verdicts| verdicts.name == scenario)?.criterion(criterion)
    }
}
