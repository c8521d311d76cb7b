//! Numbers as text, with three digits that matter where they have them in five decimals.

use crate::Criterion;

/// A number in groups of three, with narrow spaces that do not break.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A number with three digits that matter, within five decimals: `1.23`, `12.3`, `1 234`; zeros at the end are left out.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        0.01.. => 4,
        _ => 5,
    };
    let digits = format!("{size:.decimals$}");
    let (whole, rest) = digits.split_once('.').unwrap_or((&digits, ""));
    let rest = rest.trim_end_matches('0');
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    let sign = if value < 0.0 && (whole != "0" || !rest.is_empty()) { "−" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// A duration in milliseconds, below 1 s; else in seconds.
pub fn duration(millis: f64) -> String {
    if millis.abs() < 1_000.0 { format!("{} ms", short(millis)) } else { format!("{} s", short(millis / 1000.0)) }
}

/// A value of a criterion with the short form of its unit.
pub fn value(criterion: Criterion, value: f64) -> String {
    let unit = match criterion.unit() {
        "ms" => return duration(value),
        unit if unit.starts_with('%') => "%",
        "s" => "s",
        "s per 1,000 events" => "s",
        "MiB" => "MiB",
        "bytes per event" => "B",
        _ => return short(value),
    };
    format!("{} {unit}", short(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_matter() {
        let texts = [0.0, 0.001_333, 0.0123, 0.5, 1.234, 9.999, 12.34, 123.4, 1234.5, -0.000_001, -2.5, 1e7].map(short);
        let expected = [
            "0",
            "0.00133",
            "0.0123",
            "0.5",
            "1.23",
            "10",
            "12.3",
            "123",
            "1\u{202f}234",
            "0",
            "−2.5",
            "10\u{202f}000\u{202f}000",
        ];
        assert_eq!(texts, expected);
        assert_eq!([0.1, 999.0, 1000.0, 12_345.0].map(duration), ["0.1 ms", "999 ms", "1 s", "12.3 s"]);
    }

    #[test]
    fn values_have_the_short_form_of_their_unit() {
        assert_eq!(value(Criterion::Unavailable, 12.5), "12.5 %");
        assert_eq!(value(Criterion::Lost, 1234.0), "1\u{202f}234");
        assert_eq!(value(Criterion::Disk, 812.4), "812 B");
    }
}
