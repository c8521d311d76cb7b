//! The whole backend, on port 0, with real stores and brokers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod bad_input;
mod custom;
mod docs;
mod kafka;
mod kafka_rest;
mod keys;
mod listener;
mod outage;
mod poll;
mod program;
mod push;
mod seed;
mod slow;
mod support;
mod upgrade;
