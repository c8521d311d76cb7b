//! The settings of a simulation besides its parameters.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use domain::api::MAX_BATCH_EVENTS;
use reqwest::header::HeaderMap;

/// The default bytes of events that a client keeps: some seconds of its share of a few thousand events a second.
pub const QUEUE_BYTES: usize = 256 * 1024;
/// The default time to wait for a complete ledger.
pub const SETTLE: Duration = Duration::from_secs(30);

/// The settings.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The front door, `http://HOST:PORT`.
    pub target: String,
    /// The headers of every request.
    pub headers: HeaderMap,
    /// How many bytes of events each client keeps; past that it sheds.
    pub queue_bytes: usize,
    /// How long an event waits for others of its request, in milliseconds; at 0 it is sent as soon as its sender is free.
    pub linger_ms: u32,
    /// The most events of a request.
    pub most_events: usize,
    /// Whether the clients' requests reach the front door.
    pub online: Arc<AtomicBool>,
    /// How long to wait at the end until the ledger is complete.
    pub settle: Duration,
}

impl Setting {
    /// The settings for this front door: no linger, a queue of [`QUEUE_BYTES`].
    pub fn new(target: String) -> Self {
        let online = Arc::new(AtomicBool::new(true));
        Self {
            target,
            headers: HeaderMap::new(),
            queue_bytes: QUEUE_BYTES,
            linger_ms: 0,
            most_events: MAX_BATCH_EVENTS,
            online,
            settle: SETTLE,
        }
    }
}
