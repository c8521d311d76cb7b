//! A moment as in the original example: whole milliseconds since the Unix epoch.
//!
//! For serde's `with`. RFC 3339 text is accepted as well.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use super::Timestamp;

/// From the beginning of the year 0 to the end of the year 9999: the moments with an RFC 3339 text.
const CALENDAR: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Writes milliseconds.
pub fn serialize<S: Serializer>(moment: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(moment.millis())
}

/// Reads milliseconds, or RFC 3339 text.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    from.deserialize_any(Moment).map_err(|_| D::Error::custom(BAD))
}

const BAD: &str =
    "a time is whole milliseconds since 1970 such as 1769860800000, or RFC 3339 such as 2026-01-31T12:00:00Z";

struct Moment;

impl Visitor<'_> for Moment {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time")
    }

    fn visit_i64<E: Error>(self, millis: i64) -> Result<Timestamp, E> {
        if CALENDAR.contains(&millis) { Ok(Timestamp::from_millis(millis)) } else { Err(E::custom(BAD)) }
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<Timestamp, E> {
        self.visit_i64(i64::try_from(millis).map_err(|_| E::custom(BAD))?)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(|_| E::custom(BAD))
    }
}

/// The schema of [`deserialize`]'s input.
pub fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let (first, last) = (CALENDAR.start(), CALENDAR.end());
    schemars::json_schema!({"anyOf": [
        {"type": "integer", "format": "int64", "minimum": first, "maximum": last},
        {"type": "string", "format": "date-time"}
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Timestamp, String> {
        deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_and_texts_are_the_same_moment() {
        let moment = Timestamp::from_millis(1_769_860_800_500);
        assert_eq!(read("1769860800500"), Ok(moment));
        assert_eq!(read("\"2026-01-31T12:00:00.5Z\""), Ok(moment));
        assert_eq!(serialize(&moment, serde_json::value::Serializer).unwrap(), 1_769_860_800_500_i64);
    }

    #[test]
    fn a_moment_outside_the_calendar_is_refused() {
        for text in ["253402300800000", "-62167219200001", "1.5", "\"noon\"", "null", "18446744073709551615"] {
            assert!(read(text).unwrap_err().starts_with("a time is whole milliseconds"), "{text}");
        }
        for millis in [CALENDAR.start(), CALENDAR.end()] {
            let moment = read(&millis.to_string()).unwrap();
            assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
        }
    }
}
