//! Numbers, durations and times as text, formatted by hand: generic formatting makes Wasm large.

use domain::mail_request::MailState;
use domain::{EventType, Kind, Route, Timestamp};
use serde_json::Value;

pub use verdict::number::count;

/// A number that may be negative.
pub fn signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    sign.to_owned() + &count(number.unsigned_abs())
}

/// The text with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// `1 event`, `2 events`.
pub fn events(number: u64) -> String {
    format!("{} event{}", count(number), if number == 1 { "" } else { "s" })
}

/// A sentence about processed events without a session; empty if there are none.
pub fn besides(unnumbered: impl Iterator<Item = (Route, u64)>) -> String {
    let mut words = String::new();
    for (route, number) in unnumbered.filter(|(_, number)| *number > 0) {
        words += if words.is_empty() { "Besides, processed without a session’s number: " } else { ", " };
        words += &format!("{} on {}", count(number), route.name());
    }
    if words.is_empty() { words } else { words + "." }
}

/// A rate: tenths below 10, else whole numbers.
pub fn rate(per_second: f64) -> String {
    let tenths = (per_second.max(0.0) * 10.0 + 0.5) as u64;
    match (tenths, tenths % 10) {
        (0..100, 1..) => format!("{}.{}", tenths / 10, tenths % 10),
        _ => count((tenths + 5) / 10),
    }
}

/// A duration: tenths below 10 ms, whole milliseconds below 1 s, then seconds; negative where clocks differ.
pub fn duration(millis: f64) -> String {
    let sign = if millis <= -0.05 { "−" } else { "" };
    let tenths = (millis.abs() * 10.0 + 0.5) as u64;
    match tenths {
        0..100 => format!("{sign}{}.{} ms", tenths / 10, tenths % 10),
        100..10_000 => format!("{sign}{} ms", count((tenths + 5) / 10)),
        _ => format!("{sign}{}.{} s", count(tenths / 10_000), tenths / 1000 % 10),
    }
}

/// The time of day to the millisecond, `offset_minutes` east of UTC.
pub fn time_of_day(at: Timestamp, offset_minutes: i64) -> String {
    let millis = (at.millis() + offset_minutes * 60_000).rem_euclid(86_400_000);
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let two = |number: i64| format!("{}{}", number / 10, number % 10);
    let (hours, minutes) = (two(seconds / 3600), two(seconds / 60 % 60));
    format!("{hours}:{minutes}:{}.{}{}", two(seconds % 60), millis / 100, two(millis % 100))
}

/// The date, or that it is today, and the time to the second, `offset_minutes` east of UTC.
pub fn date_and_time(at: Timestamp, now: Timestamp, offset_minutes: i64) -> String {
    let local = |at: Timestamp| at.plus_millis(offset_minutes * 60_000).to_string();
    let (at, now) = (local(at), local(now));
    let (date, time) = (at.get(..10).unwrap_or_default(), at.get(11..19).unwrap_or_default());
    format!("{}, {time}", if now.starts_with(date) { "today" } else { date })
}

/// The name of an event kind.
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::KeyPress => "Key press",
        Kind::ButtonClick => "Click",
        Kind::InputPassed => "Input",
        Kind::Navigation => "Navigation",
        Kind::OrderCreated => "Order created",
        Kind::OrderAllocated => "Order allocated",
        Kind::OrderStarted => "Order started",
        Kind::OrderCompleted => "Order completed",
    }
}

/// The name of an event's type: a known one has a name for people.
pub fn type_name(of: &EventType) -> &str {
    match of {
        EventType::Known(known) => kind(*known),
        EventType::Custom(custom) => custom.name(),
    }
}

/// The data of an event, as a short text.
pub fn carries(data: &Value) -> String {
    let field = |name: &str| data.get(name).and_then(Value::as_str);
    let text = match (field("field"), field("key"), field("to"), field("order"), field("button")) {
        (Some(name), ..) => name.to_owned(),
        (_, Some(key), ..) => key.to_ascii_uppercase(),
        (_, _, Some(to), ..) => to.to_owned(),
        (.., Some(order), _) => order.to_owned(),
        (.., Some(button)) => button.to_owned(),
        _ => String::new(),
    };
    beginning(&text)
}

/// The beginning of a text, as long as a row shows it.
pub fn beginning(text: &str) -> String {
    text.chars().take(80).collect()
}

/// An age as text, in seconds, minutes, hours or days.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..=99 => format!("{} s", count(seconds)),
        100..=5999 => format!("{} min", count(seconds / 60)),
        6000..=359_999 => format!("{} h", count(seconds / 3600)),
        _ => format!("{} days", count(seconds / 86_400)),
    }
}

/// The state of an alert's mail, as text.
pub const fn mail_words(state: Option<MailState>) -> &'static str {
    match state {
        None => "mail asked for",
        Some(MailState::Queued) => "mail queued",
        Some(MailState::Sent) => "mail sent",
        Some(MailState::Failed) => "mail failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
        assert_eq!(
            [0.0, 0.44, 9.96, 999.4, 1234.5, -3.0].map(duration),
            ["0.0 ms", "0.4 ms", "10 ms", "999 ms", "1.2 s", "−3.0 ms"]
        );
        assert_eq!(duration(12_345.0), "12.3 s");
        assert_eq!([0.0, 0.42, 3.0, 10.4, 1234.5].map(rate), ["0", "0.4", "3", "10", "1\u{202f}235"]);
        assert_eq!(time_of_day(Timestamp::from_millis(3_723_045), 60), "02:02:03.045");
        assert_eq!(time_of_day(Timestamp::from_millis(0), -1), "23:59:00.000");
        assert_eq!([-1234, 0, 7].map(signed), ["−1\u{202f}234", "0", "7"]);
        assert_eq!([99, 100, 6000, 359_999, 360_000].map(age), ["99 s", "1 min", "1 h", "99 h", "4 days"]);
    }

    #[test]
    fn a_time_has_its_date_unless_it_is_today() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (began, now) = (at("2026-01-31T22:30:05.9Z"), at("2026-01-31T23:59:59Z"));
        assert_eq!(date_and_time(began, now, 0), "today, 22:30:05");
        assert_eq!(date_and_time(began, now, 60), "2026-01-31, 23:30:05", "it is February there");
        assert_eq!(date_and_time(began, now, 120), "today, 00:30:05");
    }

    #[test]
    fn the_data_of_an_event() {
        assert_eq!(carries(&serde_json::json!({"field": "name"})), "name");
        assert_eq!(carries(&serde_json::json!({"key": "f"})), "F");
        assert_eq!(carries(&serde_json::json!({"from": "/", "to": "/inbox"})), "/inbox");
        assert_eq!(carries(&Value::Null), "");
    }

    #[test]
    fn events_without_a_session_are_counted() {
        assert_eq!(besides([(Route::Kafka, 0)].into_iter()), "");
        let both = [(Route::HttpPoll, 1234), (Route::Kafka, 5)].into_iter();
        let words = "Besides, processed without a session’s number: 1\u{202f}234 on http-poll, 5 on kafka.";
        assert_eq!(besides(both), words);
    }
}
