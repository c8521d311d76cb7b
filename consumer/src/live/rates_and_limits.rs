//! How often the live stream sends, and how much it sends and keeps.

use std::time::Duration;

/// How many messages are kept, and how far a listener may fall behind.
pub(super) const KEPT_MESSAGES: usize = 512;
/// The most bytes of kept messages.
pub(super) const KEPT_BYTES: usize = 8 << 20;
/// How many events a tick shows. Of more, only the first few of each session are shown.
pub(super) const EVENTS_A_TICK: usize = 60;
/// The most events that a tick shows.
pub(super) const MOST_A_TICK: usize = 2 * EVENTS_A_TICK;
/// How many of each session are shown in any case.
pub(super) const FIRST_OF_A_SESSION: usize = 3;
/// How many events, alerts and mails a snapshot holds.
pub(super) const SNAPSHOT: usize = 100;
/// The time between two ticks.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// The time between two readings of the numbers while there is no listener.
pub(super) const NO_LISTENER: Duration = Duration::from_secs(1);
/// The longest time between two messages: a page then sees that the stream is alive although the numbers do not change.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);
/// The time between two samples.
pub(super) const SAMPLE_EVERY: Duration = Duration::from_secs(1);
