//! The mail request of an alert.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// The longest subject and text together, in bytes; the mailer refuses a longer mail.
pub const MAX_MAIL_BYTES: usize = 64 << 10;
/// The longest mail address, in bytes (RFC 5321).
pub const MAX_ADDRESS_BYTES: usize = 254;

/// A plain address, `local@domain`.
pub(crate) const ADDRESS: &str = "^(?=[^@]{1,64}@)[A-Za-z0-9]+([.+_-][A-Za-z0-9]+)*@[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$";

/// A mail to send once; the id is the alert's and becomes the Message-ID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MailRequest {
    /// The alert's id.
    pub id: Uuid,
    /// Sender address.
    #[schemars(regex(pattern = ADDRESS))]
    pub from: String,
    /// Recipient address.
    #[schemars(regex(pattern = ADDRESS))]
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub content: String,
    /// W3C trace context of the event that triggered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// The state of a mail request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MailState {
    /// Durable at the mailer, not yet (known to be) taken by an SMTP server.
    Queued,
    /// An SMTP server took it.
    Sent,
    /// Given up, for the reason given beside it.
    Failed,
}

/// A mail request and its state at the mailer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MailStatus {
    /// The alert's id.
    pub id: Uuid,
    /// Recipient address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Its state.
    pub state: MailState,
    /// How often delivery was tried.
    pub attempts: u32,
    /// How many tries were interrupted: the mail may have been delivered or not.
    #[serde(default)]
    pub interrupted: u32,
    /// The last error, if the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the state last changed, by the mailer's clock.
    pub changed_at: Timestamp,
}
