//! The report about a comparison: one page of HTML, and the same as Markdown.

mod figures;
mod html;
mod markdown;
mod route_sign;
mod text;

pub use html::html;
pub use markdown::markdown;
pub(crate) use text::{runs::processor, verdict_text::best};

use crate::chart::timeline;
use crate::judgement::Row;
use crate::results::ScenarioResult;

/// The timelines of a scenario as a fragment of HTML, with all text escaped; empty without a valid run. There is room for its
/// whole load, so that the curves of a run under way grow into it.
pub fn timelines(result: &ScenarioResult) -> String {
    let timeline = timeline::timeline(result, result.scenario.load.seconds as usize);
    if timeline.routes.is_empty() { String::new() } else { figures::timeline(&timeline).into_string() }
}

/// The decision table as a fragment of HTML, with all text escaped. The name of a scenario is a link to `place` and the name.
pub fn decision(rows: &[Row], place: &str) -> String {
    html::decision_table(rows, place).into_string()
}

/// The signs of the routes, which the fragments show: once in a page, as a fragment of HTML.
pub fn signs() -> String {
    route_sign::glyphs().into_string()
}
