//! `GET /api/inbox`: mails as an SMTP server took them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A mail that was delivered by SMTP; a list of these comes newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InboxMail {
    /// The inbox's own name for it.
    pub id: String,
    /// Sender address.
    pub from: String,
    /// Recipient address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// The Message-ID without its angle brackets.
    pub message_id: String,
    /// When it was taken, by the inbox's clock.
    pub received_at: Timestamp,
    /// The plain text.
    pub text: String,
}
