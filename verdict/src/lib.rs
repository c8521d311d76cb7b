//! Scenarios, their results, the verdicts from them, and the report. Pure: no I/O, no clock, no randomness.
//!
//! - [`scenario`]: a question, a load, a stack, faults on a timeline, predictions; data that a user can write
//! - [`criterion`]: the measured numbers, each with its unit, its direction and the band in which a difference does not matter
//! - [`set`]: the scenarios that come with the program
//! - [`results`]: everything that was measured, as `results.json` has it

pub mod criterion;
#[cfg(feature = "schema")]
pub mod describe;
pub mod results;
pub mod scenario;
pub mod set;

pub use criterion::Criterion;
pub use results::Results;
pub use scenario::Scenario;
