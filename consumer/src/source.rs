//! How events arrive. http-push is a handler in [`crate::http`]; poll and kafka fetch.

pub mod broker_probe;
pub mod kafka;
pub mod kafka_group;
pub mod kafka_lag;
pub mod poll;
