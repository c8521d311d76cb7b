//! The limits of a request to `POST /api/events`.

/// The largest request body `POST /api/events` takes, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most events in one request.
pub const MAX_BATCH_EVENTS: usize = 1000;
