//! Reads a stored mail.

use domain::Timestamp;
use domain::api::InboxMail;
use mailparse::{MailHeaderMap, ParsedMail};
use uuid::Uuid;

/// The most characters of the text that are shown; the file has all of it.
pub const MOST_TEXT: usize = 16 * 1024;
/// The most characters of a field that are shown.
pub const MOST_FIELD: usize = 1000;

/// Reads a mail stored under `id`, a UUIDv7, which contains the time.
///
/// A field that cannot be read stays empty: every accepted mail is shown.
pub fn read(id: Uuid, bytes: &[u8]) -> InboxMail {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |timestamp| timestamp.to_unix());
    let micros = i64::try_from(seconds).unwrap_or_default() * 1_000_000 + i64::from(nanos / 1000);
    let mut mail = InboxMail {
        id: id.to_string(),
        from: String::new(),
        to: String::new(),
        subject: String::new(),
        message_id: String::new(),
        received_at: Timestamp::from_micros(micros),
        text: String::new(),
    };
    if let Ok(parsed) = mailparse::parse_mail(bytes) {
        let shown = |field: String| field.chars().take(MOST_FIELD).collect::<String>();
        let header = |name: &str| parsed.headers.get_first_value(name).map(shown);
        let either = |name: &str, envelope: &str| header(name).or_else(|| header(envelope)).unwrap_or_default();
        mail.from = either("From", "Return-Path");
        mail.to = either("To", "Delivered-To");
        mail.subject = header("Subject").unwrap_or_default();
        let message_id = header("Message-ID").unwrap_or_default();
        mail.message_id = message_id.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
        mail.text = text(&parsed).unwrap_or_default().chars().take(MOST_TEXT).collect();
    }
    mail
}

/// The first part that is plain text.
fn text(mail: &ParsedMail<'_>) -> Option<String> {
    let part = mail.parts().find(|part| part.ctype.mimetype == "text/plain")?;
    let no_charset = part.headers.get_first_value("Content-Type").is_none();
    // Text without a charset is read as UTF-8 where it is valid.
    let body = part.get_body_raw().ok().filter(|_| no_charset).and_then(|body| String::from_utf8(body).ok());
    let body = body.or_else(|| part.get_body().ok())?;
    Some(body.replace("\r\n", "\n").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_text_are_decoded() {
        let bytes = b"Return-Path: <bounce@ese.example>\r\nFrom: ESE <rules@ese.example>\r\nTo: you@ese.example\r\n\
            Subject: =?utf-8?B?8J+UlA==?= three\r\n clicks\r\nMessage-ID: <a@ese>\r\nMIME-Version: 1.0\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            Gr=C3=BC=C3=9Fe\r\nand more\r\n";
        let mail = read(Uuid::now_v7(), bytes);
        assert_eq!(mail.from, "ESE <rules@ese.example>");
        assert_eq!(mail.subject, "\u{1f514} three clicks");
        assert_eq!(mail.message_id, "a@ese");
        assert_eq!(mail.text, "Grüße\nand more");
    }

    #[test]
    fn without_headers_the_envelope_is_shown() {
        let mail = read(Uuid::now_v7(), b"Return-Path: <a@b>\r\nDelivered-To: c@d\r\n\r\nhello\r\n");
        assert_eq!((mail.from.as_str(), mail.to.as_str(), mail.text.as_str()), ("<a@b>", "c@d", "hello"));
    }

    #[test]
    fn long_fields_are_shown_from_their_beginning() {
        let long = "x".repeat(MOST_FIELD + 1);
        let mail = read(Uuid::now_v7(), format!("Subject: {long}\r\nFrom: {long}\r\n\r\n").as_bytes());
        assert_eq!((mail.subject.len(), mail.from.len()), (MOST_FIELD, MOST_FIELD));
    }

    #[test]
    fn the_id_holds_the_time() {
        let id: Uuid = "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap();
        assert_eq!(read(id, b"").received_at.to_string(), "2024-06-14T10:14:09.3Z");
    }
}
