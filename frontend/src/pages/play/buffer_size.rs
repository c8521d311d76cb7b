//! The size of the buffer of buffered sending.

/// How many events buffered sending waits for.
pub const BUFFER_EVENTS: u64 = 20;
/// How long buffered sending waits, in seconds.
pub const BUFFER_SECONDS: i64 = 30;
