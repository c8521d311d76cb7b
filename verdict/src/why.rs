//! The reasons for the numbers of a scenario, by rules: each rule looks at the numbers and gives a sentence or none.
//!
//! No rule looks at the name of a scenario. A sentence gives the numbers that it follows from; a cause is only named if the
//! numbers lie where the cause does: in the seconds of a fault, in a hop, in a part.

mod cost;
mod delivery;
mod facts;
mod fault;
mod speed;

use facts::Facts;

use crate::Scenario;
use crate::judgement::CriterionVerdict;
use crate::results::Run;

/// The most sentences of a paragraph, without those about what is not sure.
pub const MOST_SENTENCES: usize = 9;

/// The rules, the most important first.
const RULES: [fn(&Facts<'_>) -> Vec<String>; 11] = [
    delivery::unavailable,
    delivery::lost,
    delivery::duplicated,
    delivery::out_of_order,
    delivery::missed_history,
    speed::waiting,
    speed::recovery,
    speed::hops,
    speed::answers,
    cost::startup,
    cost::resources,
];

/// The sentences about a scenario, from its valid runs and the verdicts on them.
pub fn paragraph(scenario: &Scenario, valid: &[&Run], verdicts: &[CriterionVerdict]) -> Vec<String> {
    let facts = Facts::new(scenario, valid, verdicts);
    RULES.iter().flat_map(|rule| rule(&facts)).take(MOST_SENTENCES).chain(cost::unsure(&facts)).collect()
}

#[cfg(test)]
mod tests;
