//! The mailer: sends each mail request once.
//!
//! - [`source`]: how requests come: POST /api/mails, or the topic `mail-requests`
//! - [`store`]: the durable record of every request and what became of it
//! - [`deliver`]: the one step: claim a mail, hand it to the transport, write down what happened
//! - [`transport`]: SMTP, files, or memory

pub mod app;
pub mod config;
pub mod deliver;
pub mod message;
pub mod metrics;
pub mod source;
pub mod store;
pub mod transport;
