//! The browser's clock and its random numbers.

use domain::Timestamp;
use uuid::{Builder, Uuid};

/// Now, by this machine's clock.
pub fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as i64)
}

/// A new UUIDv7.
pub fn new_id(now: Timestamp) -> Uuid {
    let mut bytes = [0; 10];
    // `crypto.randomUUID` does not exist on plain HTTP.
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let filled = crypto.is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    Builder::from_unix_timestamp_millis(now.millis().unsigned_abs(), &bytes).into_uuid()
}
