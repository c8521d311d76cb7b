//! The places of waiting readers, bounded in number.

use tokio::sync::{Semaphore, SemaphorePermit};

/// How many readers may wait at the same time.
const FOR_ALL: usize = 56;
/// How many services may wait beside them.
const FOR_PEERS: usize = 8;

/// The free places.
#[derive(Debug)]
pub(super) struct Places {
    all: Semaphore,
    peers: Semaphore,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Semaphore::new(FOR_ALL), peers: Semaphore::new(FOR_PEERS) }
    }
}

impl Places {
    /// A place until it is dropped, if one is free.
    pub(super) fn take(&self, peer: bool) -> Option<SemaphorePermit<'_>> {
        let place = match self.all.try_acquire() {
            Err(_) if peer => self.peers.try_acquire(),
            place => place,
        };
        place.ok()
    }
}
