//! The consumer as it runs, on port 0, against real books and brokers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod books;
mod kafka;
mod listener;
mod live;
mod mails;
mod poll;
mod rebalance;
mod seed;
mod step;
mod support;
mod use_cases;
