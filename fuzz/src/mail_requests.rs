//! Requests of mails, and the messages that the mailer makes of them.

use domain::mail_request::{MAX_MAIL_BYTES, MailRequest};
use mailer::smtp_message::compose;

use crate::mails;
use crate::refusal::reason;

/// The headers of a message.
const HEADERS: [&str; 7] = ["From", "To", "Subject", "Message-ID", "Date", "Content-Type", "Content-Transfer-Encoding"];

/// `POST /api/mails`: requests that cannot become mails, with a reason, or messages without a header of the sender's choice.
pub fn mail_request(body: &[u8]) {
    let requests: Vec<MailRequest> = match serde_json::from_slice(body) {
        Ok(requests) => requests,
        Err(error) => return reason(&runtime::problem::short(&error)),
    };
    for request in requests {
        let json = serde_json::to_vec(&request).expect("a request is JSON");
        assert_eq!(serde_json::from_slice::<MailRequest>(&json).ok().as_ref(), Some(&request));
        let message = match compose(&request) {
            Ok(message) => message.formatted(),
            Err(error) => {
                reason(&runtime::problem::short(&error));
                continue;
            }
        };
        assert!(request.subject.len() + request.content.len() <= MAX_MAIL_BYTES);
        let text = String::from_utf8(message).expect("a message is ASCII or UTF-8");
        let (head, _) = text.split_once("\r\n\r\n").expect("a message has a head");
        for line in head.split("\r\n") {
            let name = line.split(':').next().unwrap_or_default();
            assert!(line.starts_with([' ', '\t']) || HEADERS.contains(&name), "an additional header: {line}");
            assert!(!line.contains(['\r', '\n']), "a bare line end: {line:?}");
        }
        let id = format!("Message-ID: <{}@", request.id);
        assert_eq!(head.matches(&id).count(), 1, "{head}");
        mails::mail(text.as_bytes());
    }
}
