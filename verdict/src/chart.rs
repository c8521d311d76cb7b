//! The charts of a scenario, as positions and paths: the report and the page draw the same ones.
//!
//! A drawing is stretched to its place and is [`WIDTH`] wide; text stands around it and keeps its size.

pub mod distribution;
pub mod measure;
pub mod path;
pub mod scale;
mod series;
pub mod timeline;

/// The width of a drawing, in its own units.
pub const WIDTH: i64 = 1000;

/// A number beside a drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its distance from the drawing's upper or left edge, in thousandths.
    pub at: i64,
    /// The number.
    pub text: String,
}
