//! One conversation with a client: its lines, the answers, and the mail while it comes in.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mailin::{Action, Handler, Response, Session, SessionBuilder, response};

/// The largest mail, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// The most recipients of a mail (RFC 5321, 4.5.3.1.8).
pub const MOST_RECIPIENTS: usize = 100;
/// The longest address, in bytes (RFC 5321, 4.5.3.1.3).
const MOST_ADDRESS: usize = 256;

/// A conversation, without its connection.
pub struct Conversation {
    session: Session<SmtpHandler>,
    mail: Arc<Mutex<ReceivedMail>>,
    greeted: bool,
}

/// A mail while it comes in.
#[derive(Debug, Default)]
pub struct ReceivedMail {
    /// The envelope and the mail.
    pub bytes: Vec<u8>,
    /// Whether bytes were left out, because there were too many.
    pub too_large: bool,
    recipients: usize,
    ended: bool,
}

impl Conversation {
    /// A conversation with the client at this address.
    pub fn with(peer: IpAddr) -> Self {
        let mail = Arc::new(Mutex::new(ReceivedMail::default()));
        let session = SessionBuilder::new("inbox.localhost").build(peer, SmtpHandler(mail.clone()));
        Self { session, mail, greeted: false }
    }

    /// The first words, which are the server's.
    pub fn greeting(&self) -> Response {
        self.session.greeting()
    }

    /// Takes a line with its end; returns the answer, and the mail if this line has completed it. Then the answer is right
    /// only if the mail could be stored.
    pub fn line(&mut self, line: &[u8]) -> (Response, Option<ReceivedMail>) {
        self.greeted |= is_greeting(line);
        if !self.greeted && !line.eq_ignore_ascii_case(b"QUIT\r\n") {
            // Perhaps HTTP: a page of another site could put SMTP commands into the body of a request.
            let mut answer = response::BAD_HELLO;
            answer.action = Action::Close;
            return (answer, None);
        }
        let answer = self.session.process(line);
        let mut mail = locked(&self.mail);
        let ended = mail.ended.then(|| std::mem::take(&mut *mail));
        (answer, ended)
    }
}

fn locked(mail: &Mutex<ReceivedMail>) -> MutexGuard<'_, ReceivedMail> {
    mail.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_greeting(line: &[u8]) -> bool {
    line.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"EHLO ") || verb.eq_ignore_ascii_case(b"HELO "))
}

/// Collects the lines from mailin.
struct SmtpHandler(Arc<Mutex<ReceivedMail>>);

/// The answer to an address, unless it is too long.
fn address(address: &str) -> Response {
    if address.len() > MOST_ADDRESS { response::BAD_MAILBOX } else { response::OK }
}

impl Handler for SmtpHandler {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        locked(&self.0).recipients = 0;
        address(from)
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let mut mail = locked(&self.0);
        if mail.recipients == MOST_RECIPIENTS {
            return Response::custom(452, "Too many recipients".to_owned());
        }
        mail.recipients += 1;
        address(to)
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        // The envelope goes on top, as mail servers write it (RFC 5321, 4.4).
        let bytes = format!("Return-Path: <{from}>\r\nDelivered-To: {}\r\n", to.join(", ")).into_bytes();
        *locked(&self.0) = ReceivedMail { bytes, ..ReceivedMail::default() };
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        let mut mail = locked(&self.0);
        // An error here would be an answer in the middle of the mail. The refusal comes after its end.
        mail.too_large |= mail.bytes.len() + line.len() > MOST_BYTES;
        if !mail.too_large {
            mail.bytes.extend_from_slice(line);
        }
        Ok(())
    }

    /// Never fails: after an error mailin would take the next commands for more of the mail. The connection answers
    /// when it has tried to store the mail.
    fn data_end(&mut self) -> Response {
        locked(&self.0).ended = true;
        response::OK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_bounded() {
        let mut conversation = Conversation::with(IpAddr::from([127, 0, 0, 1]));
        let mut say = |line: String| conversation.line(format!("{line}\r\n").as_bytes()).0.code;
        assert_eq!(say("EHLO there".to_owned()), 250);
        let long = "x".repeat(MOST_ADDRESS);
        assert_eq!(say(format!("MAIL FROM:<{long}@b>")), 553);
        assert_eq!(say("MAIL FROM:<a@b>".to_owned()), 250);
        assert_eq!(say(format!("RCPT TO:<{long}@b>")), 553);
        for number in 1..MOST_RECIPIENTS {
            assert_eq!(say(format!("RCPT TO:<{number}@b>")), 250);
        }
        assert_eq!(say("RCPT TO:<last@b>".to_owned()), 452);
        assert_eq!(say("RSET".to_owned()), 250);
        assert_eq!(say("MAIL FROM:<a@b>".to_owned()), 250);
        assert_eq!(say("RCPT TO:<first@b>".to_owned()), 250, "the next mail has recipients of its own");
    }
}
