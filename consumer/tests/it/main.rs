//! The whole consumer, on port 0, with real databases and brokers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod custom;
mod kafka;
mod ledger;
mod listener;
mod live;
mod mails;
mod outage;
mod poll;
mod processed;
mod pruning;
mod rebalance;
mod seed;
mod step;
mod support;
mod upgrade;
mod use_cases;
