//! A moment in time: microseconds since the Unix epoch in memory, RFC 3339 on the wire.

pub mod millis;

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment, in microseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(into = "String", try_from = "String", extend("format" = "date-time"))]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 date-time.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an RFC 3339 time such as 2026-01-31T12:00:00.000Z")]
pub struct NotATime(String);

impl Timestamp {
    /// The earliest moment this type can name.
    pub const MIN: Self = Self(i64::MIN);
    /// A moment later than all others.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the Unix epoch, as a browser's `Date.now()` gives them.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded towards zero.
    pub const fn millis(self) -> i64 {
        self.0 / 1000
    }

    /// Milliseconds from `earlier` to `self`; negative where clocks disagree.
    pub fn millis_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1000.0
    }

    /// This moment and `millis` milliseconds more.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1000)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (moment, micros) = match OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000_000)) {
            Ok(moment) => (moment, self.0.rem_euclid(1_000_000)),
            Err(_) => (OffsetDateTime::UNIX_EPOCH, 0),
        };
        // RFC 3339 has no other years.
        if !(0..=9999).contains(&moment.year()) {
            return Ok(());
        }
        // By hand: each event has two times, and `time`'s own formatting is several times as long.
        let mut text = *b"0000-00-00T00:00:00.000000";
        let mut write = |place: std::ops::Range<usize>, mut number: i64| {
            for digit in text[place].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        write(0..4, moment.year().into());
        write(5..7, u8::from(moment.month()).into());
        write(8..10, moment.day().into());
        write(11..13, moment.hour().into());
        write(14..16, moment.minute().into());
        write(17..19, moment.second().into());
        write(20..26, micros);
        let text = std::str::from_utf8(&text).unwrap_or_default();
        f.write_str(if micros == 0 { &text[..19] } else { text.trim_end_matches('0') })?;
        f.write_str("Z")
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime(text.chars().take(40).collect()))?;
        // An offset can move a time out of the calendar; a time that has no text is refused.
        let moment =
            moment.checked_to_offset(time::UtcOffset::UTC).filter(|moment| (0..=9999).contains(&moment.year()));
        let micros = moment.and_then(|moment| i64::try_from(moment.unix_timestamp_nanos() / 1000).ok());
        micros.map(Self).ok_or_else(|| NotATime(text.chars().take(40).collect()))
    }
}

crate::text::convert_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_text_is_the_librarys(
            seconds in -62_167_219_200_i64..=253_402_300_799,
            micros in prop_oneof![Just(0_i64), (0..1000_i64).prop_map(|millis| millis * 1000), 0..1_000_000_i64],
        ) {
            let moment = Timestamp(seconds * 1_000_000 + micros);
            let theirs = OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment.0) * 1000).unwrap();
            prop_assert_eq!(moment.to_string(), theirs.format(&Rfc3339).unwrap());
            prop_assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
        }
    }

    #[test]
    fn a_moment_outside_the_calendar_has_no_text_of_its_own() {
        let texts =
            [Timestamp::MIN, Timestamp(-62_167_219_200_000_001), Timestamp::MAX].map(|moment| moment.to_string());
        assert_eq!(texts, ["1970-01-01T00:00:00Z", "", "1970-01-01T00:00:00Z"]);
    }

    #[test]
    fn an_offset_becomes_utc() {
        assert_eq!("2026-01-31T13:00:00+01:00".parse::<Timestamp>().unwrap().to_string(), "2026-01-31T12:00:00Z");
    }
}
