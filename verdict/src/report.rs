//! The report about a comparison: one page of HTML, and the same as Markdown.

mod figures;
mod html;
mod markdown;

mod pieces;
mod words;

pub use html::html;
pub use markdown::markdown;
pub(crate) use words::judged::best;

use crate::chart::timeline;
use crate::results::ScenarioResult;

/// The timelines of a scenario as a fragment of HTML, with all text escaped; empty without a valid run. There is room for its
/// whole load, so that the curves of a run under way grow into it.
pub fn timelines(result: &ScenarioResult) -> String {
    let timeline = timeline::timeline_over(result, result.scenario.load.seconds as usize);
    if timeline.routes.is_empty() { String::new() } else { figures::timeline(&timeline).into_string() }
}

/// The signs of the routes, which the timelines show: once in a page, as a fragment of HTML.
pub fn signs() -> String {
    pieces::glyphs().into_string()
}
