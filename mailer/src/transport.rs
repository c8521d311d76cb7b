//! The transports of mails: SMTP, or files.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// The status codes of a refused login, and of a session without TLS (RFC 4954). The mail is not refused by them.
const REFUSES_THE_LOGIN: [u16; 4] = [530, 534, 535, 538];
/// How long an SMTP session may take.
pub const SMTP_TIMEOUT: Duration = Duration::from_secs(10);

/// The configured transport.
#[derive(Clone)]
pub enum Transport {
    /// To an SMTP server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// As .eml files.
    File(AsyncFileTransport<Tokio1Executor>),
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// It may be sent later.
    #[error("{0}")]
    Transient(String),
    /// It cannot be sent.
    #[error("{0}")]
    Permanent(String),
    /// The session broke off: it may have been sent or not, and may be sent later.
    #[error("{0}")]
    Unknown(String),
}

impl Transport {
    /// SMTP by URL.
    pub fn smtp(url: &str) -> anyhow::Result<Self> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .context("--smtp-url is not a URL such as smtp://127.0.0.1:1025")?;
        Ok(Self::Smtp(builder.timeout(Some(SMTP_TIMEOUT)).build()))
    }

    /// Files in `directory`, which is created.
    pub fn file(directory: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("--mail-dir {} cannot be created", directory.display()))?;
        Ok(Self::File(AsyncFileTransport::new(directory)))
    }

    /// Sends one mail; when this returns the other side has accepted it.
    pub async fn send(&self, message: Message) -> Result<(), TransportError> {
        match self {
            // The transport's own timeout is only for connecting. No pool: the connection of a session that timed out must
            // not be used again.
            Self::Smtp(smtp) => match tokio::time::timeout(SMTP_TIMEOUT, smtp.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(smtp_error(&error)),
                Err(_) => Err(TransportError::Unknown(format!("SMTP: no answer within {} s", SMTP_TIMEOUT.as_secs()))),
            },
            Self::File(file) => {
                file.send(message).await.map(drop).map_err(|error| TransportError::Transient(with_causes(&error)))
            }
        }
    }
}

fn smtp_error(error: &lettre::transport::smtp::Error) -> TransportError {
    let reason = format!("SMTP: {}", with_causes(error));
    // Only lettre's text distinguishes a connection that was never made from one that broke off.
    let never_connected = error.to_string().starts_with("Connection error");
    let login = error.status().is_some_and(|code| REFUSES_THE_LOGIN.contains(&code.into()));
    match (error.is_permanent() && !login, error.is_transient() || never_connected || login) {
        (true, _) => TransportError::Permanent(reason),
        (false, true) => TransportError::Transient(reason),
        (false, false) => TransportError::Unknown(reason),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
