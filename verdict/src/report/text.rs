//! Text that both forms of the report have.

pub(super) mod explanations;
pub(super) mod method_and_limits;
pub(super) mod runs;
pub(super) mod setting;
pub(super) mod verdict_text;
