//! The system's clock. The pure parts get the time as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// Now, by the system's clock.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
