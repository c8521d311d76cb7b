//! The report about a comparison: one page of HTML, and the same as Markdown.

mod figures;
mod html;
mod markdown;

mod pieces;
mod words;

pub use html::html;
pub use markdown::markdown;
