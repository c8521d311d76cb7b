//! The start of a session, as text.

use domain::SessionId;
use js_sys::Date;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::context::Page;
use crate::format::{age, date_and_time};

/// The local time, and how long ago that was; none if the session's id has no time. The signal follows the clock.
pub fn start(page: Page, session: SessionId) -> Option<(String, String)> {
    let began = session.began()?;
    // The offset of that day: it changes with summer time.
    let offset_minutes = -Date::new(&JsValue::from_f64(began.millis() as f64)).get_timezone_offset();
    let time = date_and_time(began, page.now.get(), offset_minutes as i64);
    Some((time, format!("{} ago", age(page.seconds_since(began)))))
}
