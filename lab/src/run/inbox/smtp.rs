//! The SMTP side: connections and lines; the protocol itself is mailin's.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mailin::{Action, Handler, Response, SessionBuilder, response};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::mails::Mails;

/// The largest mail, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// The longest line; the standard (RFC 5321) asks for 1000.
const MOST_LINE: u64 = 64 * 1024;
/// Connections at a time.
const MOST_CONNECTIONS: usize = 64;
/// How long a client may be silent (RFC 5321, 4.5.3.2.7).
const SILENCE: Duration = Duration::from_secs(300);
/// Pause after a connection could not be taken, for instance for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes mail until `stop`; what was being received then is not taken, and its sender tries again.
pub async fn serve(listener: TcpListener, mails: Mails, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (mails, stop, place) = (mails.clone(), stop.clone(), places.clone().try_acquire_owned());
        tokio::spawn(async move {
            let talk = Connection { stream: BufReader::new(stream), mails, crowded: place.is_err() };
            if let Some(Err(error)) = stop.run_until_cancelled(talk.talk(peer.ip())).await {
                tracing::debug!(%error, %peer, "a connection broke");
            }
            drop(place);
        });
    }
}

struct Connection {
    stream: BufReader<TcpStream>,
    mails: Mails,
    crowded: bool,
}

impl Connection {
    async fn talk(mut self, peer: IpAddr) -> io::Result<()> {
        if self.crowded {
            return self.answer(&response::NO_SERVICE).await;
        }
        let letter = Arc::new(Mutex::new(ReceivedMail::default()));
        let mut session = SessionBuilder::new("inbox.localhost").build(peer, SmtpHandler(letter.clone()));
        self.answer(&session.greeting()).await?;
        while let Some(line) = self.line().await? {
            let mut answer = session.process(&line);
            let ended = letter.lock().unwrap_or_else(PoisonError::into_inner).take_if_ended();
            if let Some(letter) = ended {
                answer = self.keep(letter).await;
            }
            self.answer(&answer).await?;
            if answer.action == Action::Close {
                break;
            }
        }
        Ok(())
    }

    /// Keeps a mail that has come in to its end, and says what became of it: 250 only when it is on the disk.
    async fn keep(&self, letter: ReceivedMail) -> Response {
        if letter.too_large {
            return response::NO_STORAGE;
        }
        match self.mails.keep(letter.bytes).await {
            Ok(()) => response::OK,
            Err(error) => {
                tracing::error!(%error, "a mail could not be kept");
                response::INTERNAL_ERROR
            }
        }
    }

    /// The next line with its end; nothing when the client is gone, silent or endless.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.stream).take(MOST_LINE);
        match tokio::time::timeout(SILENCE, bounded.read_until(b'\n', &mut line)).await {
            Ok(read) => read?,
            Err(_) => return Ok(None),
        };
        Ok(line.ends_with(b"\n").then_some(line))
    }

    async fn answer(&mut self, answer: &Response) -> io::Result<()> {
        match answer.action {
            Action::NoReply => Ok(()),
            _ => self.stream.get_mut().write_all(&answer.buffer()?).await,
        }
    }
}

/// A mail while it comes in.
#[derive(Default)]
struct ReceivedMail {
    bytes: Vec<u8>,
    too_large: bool,
    ended: bool,
}

impl ReceivedMail {
    fn take_if_ended(&mut self) -> Option<Self> {
        self.ended.then(|| std::mem::take(self))
    }
}

/// Collects what mailin hands over.
struct SmtpHandler(Arc<Mutex<ReceivedMail>>);

impl Handler for SmtpHandler {
    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        // The envelope goes on top, as mail servers write it (RFC 5321, 4.4).
        let bytes = format!("Return-Path: <{from}>\r\nDelivered-To: {}\r\n", to.join(", ")).into_bytes();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ReceivedMail { bytes, ..ReceivedMail::default() };
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        let mut letter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An error here would be an answer in the middle of the mail; the refusal comes after its end.
        letter.too_large |= letter.bytes.len() + line.len() > MOST_BYTES;
        if !letter.too_large {
            letter.bytes.extend_from_slice(line);
        }
        Ok(())
    }

    /// Always well: after an error here mailin would take the next commands for more of the mail. The connection
    /// decides about the answer when it has tried to keep the mail.
    fn data_end(&mut self) -> Response {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        response::OK
    }
}
