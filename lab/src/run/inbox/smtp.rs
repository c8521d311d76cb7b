//! The SMTP server: connections and lines; the crate mailin has the protocol.

mod conversation;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mailin::{Action, Response, response};
use runtime::injected_fault::InjectedFaults;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::mails::Mails;

pub use conversation::{Conversation, MOST_BYTES, MOST_RECIPIENTS, ReceivedMail};

/// The longest line; RFC 5321 requires 1000.
const MOST_LINE: u64 = 64 * 1024;
/// The most connections at a time.
const MOST_CONNECTIONS: usize = 64;
/// How long a client may be silent (RFC 5321, 4.5.3.2.7).
const SILENCE: Duration = Duration::from_secs(300);
/// The pause after a failed accept, for instance where file descriptors run out.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes mail until `stop`. A mail that is incomplete then is not taken; its sender tries again.
pub async fn serve(listener: TcpListener, mails: Mails, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (mails, stop, permit) = (mails.clone(), stop.clone(), permits.clone().try_acquire_owned());
        tokio::spawn(async move {
            let connection = Connection { stream: BufReader::new(stream), mails, over_limit: permit.is_err() };
            if let Some(Err(error)) = stop.run_until_cancelled(connection.connection(peer.ip())).await {
                tracing::debug!(%error, %peer, "a connection broke");
            }
            drop(permit);
        });
    }
}

struct Connection {
    stream: BufReader<TcpStream>,
    mails: Mails,
    over_limit: bool,
}

impl Connection {
    async fn connection(mut self, peer: IpAddr) -> io::Result<()> {
        if self.over_limit {
            return self.answer(&response::NO_SERVICE).await;
        }
        let mut conversation = Conversation::with(peer);
        self.answer(&conversation.greeting()).await?;
        while let Some(line) = self.line().await? {
            let (mut answer, ended) = conversation.line(&line);
            if let Some(mail) = ended {
                answer = self.keep(mail).await;
            }
            self.answer(&answer).await?;
            if answer.action == Action::Close {
                break;
            }
        }
        Ok(())
    }

    /// Stores a complete mail and returns the answer: 250 only when the mail is on the disk.
    async fn keep(&self, mail: ReceivedMail) -> Response {
        let faults = InjectedFaults::now();
        tokio::time::sleep(Duration::from_millis(faults.mail_delay_ms.into())).await;
        match faults.mail_reply {
            0 => {}
            code if code >= 500 => return response::TRANSACTION_FAILED,
            _ => return response::INTERNAL_ERROR,
        }
        if mail.too_large {
            return response::NO_STORAGE;
        }
        match self.mails.keep(mail.bytes).await {
            Ok(()) => response::OK,
            Err(error) => {
                tracing::error!(%error, "a mail could not be kept");
                response::INTERNAL_ERROR
            }
        }
    }

    /// The next line with its end; none when the client is gone, silent, or sends too long a line.
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
