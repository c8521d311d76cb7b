//! The components that several pages use, one per file.

pub mod chart;
pub mod counters;
pub mod error_message;
pub mod fold;
pub mod keyed_rows;
pub mod lane;
pub mod ledger_terms;
pub mod route_glyph;
pub mod route_label;
pub mod simulation;
pub mod station;
