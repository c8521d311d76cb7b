//! The mailer as it runs, on port 0, against a real record, broker and SMTP server.

mod deliver;
mod kafka;
mod support;
