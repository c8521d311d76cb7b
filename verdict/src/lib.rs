//! Scenarios, their results, the verdicts from them, and the report. Pure: no I/O, no clock, no randomness.
//!
//! - [`scenario`]: a question, a load, a stack, faults on a timeline, predictions; data that a user can write
//! - [`criterion`]: the measured numbers, each with its unit, its direction and the band in which a difference does not matter
//! - [`builtin_scenarios`]: the scenarios that come with the program
//! - [`results`]: everything that was measured, as `results.json` has it
//! - [`judge`]: the judge, and [`judgement`]: verdicts with a statement of how sure they are, and the choice that follows
//! - [`statistics`]: the method of the verdicts
//! - [`why`]: the reasons for the numbers, and [`choice`]: the decision table and the sentences
//! - [`chart`]: timelines and distributions, as paths
//! - [`report`]: the report, as a page and as Markdown
//! - [`number`]: numbers as text
//! - [`api`]: the shapes of `/api/compare`

pub mod api;
pub mod builtin_scenarios;
pub mod chart;
pub mod choice;
pub mod criterion;
#[cfg(feature = "schema")]
pub mod describe;
pub mod judge;
pub mod judgement;
#[cfg(test)]
mod made_up;
pub mod number;
mod phrase;
pub mod report;
pub mod results;
pub mod scenario;
pub mod statistics;
pub mod why;

pub use criterion::Criterion;
pub use judge::judge;
pub use judgement::Judgement;
pub use results::Results;
pub use scenario::Scenario;
