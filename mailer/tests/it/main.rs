//! The whole mailer, on port 0, with a real database and broker and a fake SMTP server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod deliver;
mod kafka;
mod listener;
mod outage;
mod retention;
mod store;
mod support;
mod upgrade;
