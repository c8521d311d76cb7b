//! Scenarios, their results, the verdicts from them, and the report. Pure: no I/O, no clock, no randomness.
//!
//! - [`scenario`]: a question, a load, a stack, faults on a timeline, predictions; data that a user can write
//! - [`criterion`]: the measured numbers, each with its unit, its direction and the band in which a difference does not matter
//! - [`results`]: everything that was measured, as `results.json` has it
//! - [`chart`]: timelines and distributions, as paths
//! - [`number`]: numbers as text

pub mod chart;
pub mod criterion;
pub mod number;
pub mod results;
pub mod scenario;

pub use criterion::Criterion;
pub use results::Results;
pub use scenario::Scenario;
