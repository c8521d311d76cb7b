//! The limits of an event: its data, its depth, its key, its type, its trace context and its size.

/// The largest `data` an event may carry, in bytes of its JSON as it came.
pub const MAX_DATA_BYTES: usize = 16 * 1024;

/// How deep arrays and objects in `data` may nest; the parsers of later services add levels of their own.
pub const MAX_DATA_DEPTH: usize = 32;

/// The longest `traceparent`, in bytes: version 00 of W3C's format has 55, and later versions may append to it.
pub const MAX_TRACEPARENT_BYTES: usize = 100;

/// More bytes than a valid event takes as JSON, its other attributes at their longest and escaped.
pub const MAX_EVENT_BYTES: usize = MAX_DATA_BYTES + 2048;

/// The longest `partitionkey`, in bytes: an IPv6 address has 45 at most.
pub const MAX_KEY_BYTES: usize = 200;

/// The longest name of a user's own type, in bytes.
pub const MAX_TYPE_BYTES: usize = 128;
