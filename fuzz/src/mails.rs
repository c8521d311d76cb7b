//! The inbox: a conversation in SMTP, and the reading of a mail.

use std::net::IpAddr;

use domain::api::InboxMail;
use lab::run::inbox::mail::{MOST_FIELD, MOST_TEXT, read};
use lab::run::inbox::smtp::{Conversation, MOST_BYTES};
use uuid::Uuid;

/// All lines of one client.
pub fn smtp(input: &[u8]) {
    let mut conversation = Conversation::with(IpAddr::from([127, 0, 0, 1]));
    for line in input.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        let (answer, ended) = conversation.line(line);
        if let Some(ended) = ended {
            assert!(ended.bytes.len() <= MOST_BYTES);
            mail(&ended.bytes);
        }
        let text = answer.buffer().expect("an answer is bytes");
        if text.is_empty() {
            continue;
        }
        assert!((200..600).contains(&answer.code), "{}", answer.code);
        let lines = text.strip_suffix(b"\r\n").expect("an answer is whole lines");
        let lines = String::from_utf8_lossy(lines).replace("\r\n", "");
        assert!(!lines.contains(['\r', '\n']), "a client put a line into the answer: {lines:?}");
        if answer.action == mailin::Action::Close {
            return;
        }
    }
}

/// A stored mail as it is shown.
pub fn mail(bytes: &[u8]) {
    let InboxMail { from, to, subject, message_id, text, .. } = read(Uuid::nil(), bytes);
    for field in [from, to, subject, message_id] {
        assert!(field.chars().count() <= MOST_FIELD);
    }
    assert!(text.chars().count() <= MOST_TEXT);
}
