//! Words that both forms of the report have.

pub(super) mod judged;
pub(super) mod runs;
pub(super) mod setting;
pub(super) mod statements;
