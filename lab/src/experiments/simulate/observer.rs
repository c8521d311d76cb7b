//! The answers to a client's requests, for the one who measures them.

use domain::api::Wait;
use domain::{Route, Timestamp};

/// Sees the answers to a client's requests.
pub(in crate::experiments) trait Observer: Sync {
    /// An event was accepted at this moment.
    fn accepted(&self, route: Route, wait: Wait, at: Timestamp);

    /// So many events were refused for now, or their request got no answer.
    fn refused(&self, route: Route, reason: &str, events: u64, at: Timestamp);
}
