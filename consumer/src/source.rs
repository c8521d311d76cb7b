//! The sources of events: poll and kafka. http-push is a handler in [`crate::http`].

pub mod broker_probe;
pub mod kafka;
pub mod kafka_lag;
pub mod partition_owners;
pub mod poll;
pub mod unread_topic;
