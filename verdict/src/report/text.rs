//! Words that both forms of the report have.

pub(super) mod explanations;
pub(super) mod runs;
pub(super) mod setting;
pub(super) mod verdict_text;
