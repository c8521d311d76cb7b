//! Reads the streams of the consumers: every processed event, and the sampled times of the hops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::SessionId;
use domain::api::Processed;

use super::recorder::Recorder;
use crate::experiments::wire::Wire;

/// The time until the next try after a stream has ended.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Follows the processed events of one consumer, again after each end; never returns.
///
/// Events that a killed consumer has committed and not shown yet are found in the ledger; see [`Recorder::complete`].
pub(super) async fn follow(consumer: SocketAddr, http: reqwest::Client, recorder: Arc<Recorder>) {
    let url = format!("http://{consumer}/api/processed");
    loop {
        // A consumer that is down has no stream; the ledger has the counts.
        _ = lines(&http, &url, &recorder).await;
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn lines(http: &reqwest::Client, url: &str, recorder: &Recorder) -> reqwest::Result<()> {
    let mut stream = http.get(url).send().await?.error_for_status()?;
    let mut text = Vec::new();
    while let Some(chunk) = stream.chunk().await? {
        text.extend_from_slice(&chunk);
        let Some(end) = text.iter().rposition(|&byte| byte == b'\n') else { continue };
        let whole: Vec<u8> = text.drain(..=end).collect();
        String::from_utf8_lossy(&whole).lines().for_each(|line| take(line, recorder));
    }
    Ok(())
}

/// `SESSION SEQUENCE ROUTE MICROSECONDS`, or `lagged EVENTS`.
fn take(line: &str, recorder: &Recorder) {
    let fields: Vec<&str> = line.split(' ').collect();
    match fields[..] {
        ["lagged", events] => recorder.lock().lagged += events.parse().unwrap_or(1),
        [session, number, _, at] => {
            if let (Ok(session), Ok(number), Ok(at)) = (session.parse().map(SessionId), number.parse(), at.parse()) {
                recorder.processed_at(session, number, at);
            }
        }
        _ => {}
    }
}

/// Follows the sampled events of the live stream, for the times of the hops; never returns.
pub(super) async fn follow_hops(consumer: Wire, recorder: Arc<Recorder>) {
    loop {
        _ = hops(&consumer, &recorder).await;
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn hops(consumer: &Wire, recorder: &Recorder) -> reqwest::Result<()> {
    let mut stream = consumer.live().await?;
    while let Some(message) = stream.next().await? {
        let events: Vec<Processed> = message.content("events").unwrap_or_default();
        events.iter().for_each(|event| recorder.sampled(event));
    }
    Ok(())
}
