//! The state that several pages share, as plain structs without signals.

pub mod event_log;
pub mod event_row;
pub mod findings;
pub mod live_feed;
pub mod page_state;
pub mod part_health;
pub mod route_stats;
pub mod samples;
