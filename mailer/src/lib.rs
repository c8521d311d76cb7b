//! The mailer: sends each mail request once.
//!
//! - [`source`]: the sources of requests: `POST /api/mails` and the topic of mail requests
//! - [`store`]: every request and its state, durably
//! - [`deliver`]: the one step: claim a mail, hand it to the transport, store the outcome
//! - [`transport`]: SMTP, or files

pub mod app;
pub mod config;
pub mod deliver;
pub mod metrics;
pub mod smtp_message;
pub mod source;
pub mod store;
pub mod transport;
