//! What pages are made of, one thing per file.

pub mod books;
pub mod broken;
pub mod chart;
pub mod clicks;
pub mod counters;
pub mod empty_log;
pub mod event_detail;
pub mod fate_cell;
pub mod finding;
pub mod glyph;
pub mod header;
pub mod lanes;
pub mod live;
pub mod log_list;
pub mod log_row;
pub mod order_steps;
pub mod pacing;
pub mod route_picker;
pub mod rows;
pub mod session_events;
pub mod simulation;
pub mod trouble;
pub mod use_case;

use leptos::prelude::*;

/// A text that follows what it is made of. All are of one type, where closures would each bring code of their own.
pub fn text(of: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(of)
}

/// A condition that follows what it is made of, likewise.
pub fn flag(of: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(of)
}
