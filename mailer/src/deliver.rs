//! The one step: claim the mails that are due, hand them to the transport, store the outcomes.
//!
//! After a crash or a broken SMTP session it is unknown whether a mail was delivered. The mail is sent again under the same
//! Message-ID, at the latest when its claim ends, and counted as interrupted. SMTP has nothing better (RFC 1047).

use std::time::Duration;

use domain::mail_request::MailState;
use futures_util::StreamExt;
use runtime::backoff::Backoff;
use runtime::{clock, trace};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::smtp_message;
use crate::store::{Claimed, Outcome, Store, StoreError};
use crate::transport::{SMTP_TIMEOUT, Transport, TransportError};

/// How many mails are under way at once.
const CONCURRENT: usize = 4;
/// How often to look for mails that have become due.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How long a claim holds: longer than any delivery by the transport.
const LEASE: Duration = Duration::from_secs(SMTP_TIMEOUT.as_secs() + 2);
/// After this many tries a mail is given up; with waits of up to five minutes that is after half an hour to an hour.
const MOST_ATTEMPTS: u32 = 20;
/// The first wait after a failed try, at most.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait between tries.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Delivers until the service stops; `new` is notified of new requests.
pub async fn run(
    store: Store,
    transport: Transport,
    new: std::sync::Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        match step(&store, &transport).await {
            Ok(0) => {
                stop.run_until_cancelled(tokio::time::timeout(LOOK_AGAIN, new.notified())).await;
            }
            Ok(_) => (),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "mails cannot be delivered; trying again");
                stop.run_until_cancelled(tokio::time::sleep(FIRST_WAIT)).await;
            }
        }
    }
    Ok(())
}

/// Tries every mail that is due, once; returns how many there were.
pub async fn step(store: &Store, transport: &Transport) -> Result<usize, StoreError> {
    let now = clock::now();
    let lease = now.plus_millis(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX));
    metrics::gauge!("ese_mails_waiting").set(store.waiting().await? as f64);
    let claimed = store.claim(now, lease, CONCURRENT as i64).await?;
    let count = claimed.len();
    let tries = futures_util::stream::iter(claimed).map(|mail| attempt(store, transport, mail));
    let results: Vec<Result<(), StoreError>> = tries.buffer_unordered(CONCURRENT).collect().await;
    results.into_iter().collect::<Result<(), _>>()?;
    Ok(count)
}

async fn attempt(store: &Store, transport: &Transport, mail: Claimed) -> Result<(), StoreError> {
    let attributes = || vec![("alert.id", mail.request.id.to_string())];
    let span = trace::begin("deliver", mail.request.traceparent.as_deref(), clock::now(), attributes);
    let sent = match smtp_message::compose(&mail.request) {
        Ok(message) => transport.send(message).await,
        Err(error) => Err(TransportError::Permanent(error.to_string())),
    };
    let again = mail.attempts + 1 < MOST_ATTEMPTS;
    let interrupted = matches!(sent, Err(TransportError::Unknown(_)));
    let (state, error) = match sent {
        Ok(()) => (MailState::Sent, String::new()),
        Err(TransportError::Transient(error) | TransportError::Unknown(error)) if again => (MailState::Queued, error),
        Err(TransportError::Transient(error) | TransportError::Unknown(error) | TransportError::Permanent(error)) => {
            (MailState::Failed, error)
        }
    };
    let now = clock::now();
    span.into_iter().for_each(|span| span.end(now));
    let wait = Backoff::new(FIRST_WAIT, LONGEST_WAIT).after(mail.attempts).next_wait();
    let due = now.plus_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    let outcome = match state {
        MailState::Sent => "sent",
        MailState::Queued => "retry",
        MailState::Failed => "failed",
    };
    metrics::counter!("ese_mail_attempts_total", "outcome" => outcome).increment(1);
    tracing::info!(id = %mail.request.id, outcome, error, "a mail was tried");
    store.settle(&mail, &Outcome { state, error, interrupted, due }, now).await
}
