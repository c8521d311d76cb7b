//! A mail request as a message: the id becomes the Message-ID, so that a duplicate can be recognised.

use domain::mail_request::{MAX_MAIL_BYTES, MailRequest};
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Mailboxes};

/// Why a request can never become a mail.
#[derive(Debug, thiserror::Error)]
pub enum BadRequest {
    /// The sender is no address.
    #[error("the sender `{0}` is not a mail address: {1}")]
    From(String, lettre::address::AddressError),
    /// The recipient is no address.
    #[error("the recipient `{0}` is not a mail address: {1}")]
    To(String, lettre::address::AddressError),
    /// The mail is too long.
    #[error("the mail has {0} bytes; at most {MAX_MAIL_BYTES} are sent")]
    TooLong(usize),
    /// A header cannot be written.
    #[error("the message cannot be built: {0}")]
    Compose(#[from] lettre::error::Error),
}

/// Builds the message.
pub fn compose(request: &MailRequest) -> Result<Message, BadRequest> {
    let size = request.subject.len() + request.content.len();
    if size > MAX_MAIL_BYTES {
        return Err(BadRequest::TooLong(size));
    }
    let from: Mailbox = request.from.parse().map_err(|error| BadRequest::From(request.from.clone(), error))?;
    let to: Mailboxes = request.to.parse().map_err(|error| BadRequest::To(request.to.clone(), error))?;
    let message_id = format!("<{}@{}>", request.id, from.email.domain());
    let builder = to.into_iter().fold(Message::builder(), |builder, mailbox| builder.to(mailbox));
    let message =
        builder.from(from).subject(&request.subject).message_id(Some(message_id)).header(ContentType::TEXT_PLAIN);
    Ok(message.body(request.content.clone())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> MailRequest {
        MailRequest {
            id: uuid::Uuid::nil(),
            from: "ese@example.com".to_owned(),
            to: "Opera Tor <operator@example.com>".to_owned(),
            subject: "Steady clicks from 127.0.0.1".to_owned(),
            content: "Hello\n".to_owned(),
            traceparent: None,
        }
    }

    #[test]
    fn the_id_is_the_message_id() {
        let text = String::from_utf8(compose(&request()).unwrap().formatted()).unwrap();
        assert!(text.contains("Message-ID: <00000000-0000-0000-0000-000000000000@example.com>\r\n"), "{text}");
    }

    #[test]
    fn no_field_can_add_a_header() {
        let subject = "Hi\r\nBcc: all@example.com".to_owned();
        let text = String::from_utf8(compose(&MailRequest { subject, ..request() }).unwrap().formatted()).unwrap();
        assert!(!text.contains("\r\nBcc:"), "{text}");
        let to = "a@example.com\r\nBcc: all@example.com".to_owned();
        assert!(compose(&MailRequest { to, ..request() }).is_err());
    }
}
