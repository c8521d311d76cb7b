//! The mailer as it runs, on port 0, against a real record, broker and SMTP server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod deliver;
mod kafka;
mod listener;
mod support;
