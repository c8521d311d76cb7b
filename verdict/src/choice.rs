//! The choice among the routes: the decision table, and sentences that follow from verdicts alone.

mod case;
mod need;
mod sentence;
mod table;

use case::Case;

use crate::judgement::{Choice, ScenarioVerdicts};
use crate::results::ScenarioResult;

/// Makes the table and the sentences from the verdicts; both slices are in the same order.
pub fn choose(results: &[ScenarioResult], verdicts: &[ScenarioVerdicts]) -> Choice {
    let cases: Vec<_> = results.iter().zip(verdicts).map(|(result, verdicts)| Case { result, verdicts }).collect();
    let (answers, sentences) = sentence::all(&cases);
    Choice { table: table::rows(&cases), answers, sentences }
}

#[cfg(test)]
mod tests;
