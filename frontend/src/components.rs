//! What pages are made of, one thing per file.

pub mod books;
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
pub mod session_events;
pub mod simulation;
pub mod trouble;
pub mod use_case;
