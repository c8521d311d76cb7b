//! A line for every processed event, for measurements.
//!
//! The first lines of a process wait for its first listener, so that one that follows a restart misses none of the events that
//! waited for it. Past [`MOST_UNREAD`] they are dropped; from then on a batch costs one atomic load while nobody listens.

use std::fmt::Write;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::api::Processed;
use tokio::sync::Notify;

/// The most listeners at once.
const MOST_LISTENERS: usize = 8;
/// The most bytes that wait for a listener: about 30,000 lines.
const MOST_UNREAD: usize = 2 << 20;

/// The lines of a batch.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
    events: u64,
}

impl Lines {
    /// Adds `SESSION SEQUENCE ROUTE MICROSECONDS`. An event that no session numbered has `-` for both.
    pub fn add(&mut self, event: &Processed) {
        let (route, at) = (event.route, event.hops.processed.micros());
        // Writing to a String cannot fail.
        let _ = match (event.session, event.sequence) {
            (Some(session), Some(sequence)) => writeln!(self.text, "{session} {sequence} {route} {at}"),
            _ => writeln!(self.text, "- - {route} {at}"),
        };
        self.events += 1;
    }
}

/// All listeners.
#[derive(Debug)]
pub struct LineHub {
    /// How many there are, readable without the lock; the lines that wait for the first one count as one.
    count: AtomicUsize,
    listeners: Mutex<Vec<Arc<Unread>>>,
    /// The lines since the start, until there is a listener or too many of them.
    first: Mutex<Option<String>>,
}

impl Default for LineHub {
    fn default() -> Self {
        Self { count: AtomicUsize::new(1), listeners: Mutex::default(), first: Mutex::new(Some(String::new())) }
    }
}

/// The lines that wait for one listener.
#[derive(Debug, Default)]
struct Unread {
    /// The lines, and how many events are missing after them.
    state: Mutex<(String, u64)>,
    new: Notify,
}

/// Locks it. No code panics while it holds a lock of this file.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LineHub {
    /// An empty batch, if there is a listener for its lines.
    pub fn begin(&self) -> Option<Lines> {
        (self.count.load(Ordering::Acquire) > 0).then(Lines::default)
    }

    /// Sends the lines of a batch to all listeners. A listener that has too much unread misses all of them.
    pub fn send(&self, lines: &Lines) {
        let listeners = lock(&self.listeners);
        let first = &mut *lock(&self.first);
        if let Some(text) = first {
            text.push_str(&lines.text);
            if text.len() > MOST_UNREAD {
                *first = None;
                self.count.store(listeners.len(), Ordering::Release);
            }
        }
        for listener in &*listeners {
            let (text, missed) = &mut *lock(&listener.state);
            if *missed == 0 && text.len() + lines.text.len() <= MOST_UNREAD {
                text.push_str(&lines.text);
            } else {
                *missed += lines.events;
            }
            listener.new.notify_one();
        }
    }

    /// Listens from now on, the first listener from the start of the process on; none if there are too many listeners.
    pub fn listen(self: &Arc<Self>) -> Option<Listener> {
        let mut listeners = lock(&self.listeners);
        if listeners.len() >= MOST_LISTENERS {
            return None;
        }
        let unread = Arc::<Unread>::default();
        if let Some(text) = lock(&self.first).take() {
            lock(&unread.state).0 = text;
        }
        listeners.push(unread.clone());
        self.count.store(listeners.len(), Ordering::Release);
        Some(Listener { unread, hub: self.clone() })
    }
}

/// A listener; dropping it ends it.
#[derive(Debug)]
pub struct Listener {
    unread: Arc<Unread>,
    hub: Arc<LineHub>,
}

impl Listener {
    /// Waits for lines. Where lines are missing there is the line `lagged EVENTS`.
    pub async fn next(&self) -> String {
        loop {
            let text = self.rest();
            if !text.is_empty() {
                return text;
            }
            self.unread.new.notified().await;
        }
    }

    /// The lines that are there already.
    pub fn rest(&self) -> String {
        let (mut text, missed) = mem::take(&mut *lock(&self.unread.state));
        if missed > 0 {
            text += &format!("lagged {missed}\n");
        }
        text
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listeners = lock(&self.hub.listeners);
        listeners.retain(|unread| !Arc::ptr_eq(unread, &self.unread));
        self.hub.count.store(listeners.len(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `events` lines of 1 KiB each.
    fn lines(events: u64) -> Lines {
        Lines { text: format!("{}\n", "x".repeat(1023)).repeat(events as usize), events }
    }

    #[test]
    fn a_listener_that_lags_gets_the_number_of_missing_events_and_then_goes_on() {
        let hub = Arc::<LineHub>::default();
        let (slow, quick) = (hub.listen().unwrap(), hub.listen().unwrap());
        assert!(hub.begin().is_some());
        let mut read = 0;
        for events in [2000, 40, 8, 100, 1] {
            hub.send(&lines(events));
            read += quick.rest().lines().count();
        }
        assert_eq!(read, 2149, "the other listener misses nothing");
        let text = slow.rest();
        assert_eq!(text.lines().count(), 2049);
        assert!(text.ends_with("x\nlagged 101\n"), "nothing comes after the gap before it is shown");
        hub.send(&lines(2));
        assert_eq!(slow.rest().lines().count(), 2);
        drop((slow, quick));
        assert!(hub.begin().is_none(), "nobody listens any more");
    }

    #[test]
    fn the_first_lines_wait_for_the_first_listener_alone() {
        let hub = Arc::<LineHub>::default();
        hub.send(&lines(3));
        let (first, second) = (hub.listen().unwrap(), hub.listen().unwrap());
        hub.send(&lines(2));
        assert_eq!((first.rest().lines().count(), second.rest().lines().count()), (5, 2));
    }

    #[test]
    fn too_many_first_lines_are_dropped_and_then_none_are_made() {
        let hub = Arc::<LineHub>::default();
        hub.send(&lines(2048));
        assert!(hub.begin().is_some());
        hub.send(&lines(1));
        assert!(hub.begin().is_none(), "nobody listens");
        let listener = hub.listen().unwrap();
        assert_eq!(listener.rest(), "");
        hub.send(&lines(1));
        assert_eq!(listener.rest().lines().count(), 1);
    }

    #[test]
    fn listeners_are_bounded() {
        let hub = Arc::<LineHub>::default();
        let listeners: Vec<_> = (0..MOST_LISTENERS).map(|_| hub.listen().unwrap()).collect();
        assert!(hub.listen().is_none());
        drop(listeners);
        assert!(hub.listen().is_some());
    }
}
