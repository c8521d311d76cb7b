//! A number of a fault: its name, its unit, its bounds, and the check of a typed one.

use domain::api::faults::FaultParameter;

use crate::format::count;

/// The name and the unit of a parameter.
pub fn name_and_unit(name: &str) -> (String, &str) {
    match name {
        "event_ms" => ("Each event takes longer by".to_owned(), "ms"),
        "commit_ms" => ("Each commit takes longer by".to_owned(), "ms"),
        "mail_ms" => ("Each answer comes later by".to_owned(), "ms"),
        "latency_ms" => ("Everything arrives later by".to_owned(), "ms"),
        "jitter_ms" => ("and, by chance, up to another".to_owned(), "ms"),
        "kib_per_second" => ("Each direction passes at most".to_owned(), "KiB/s"),
        other => (other.to_owned(), ""),
    }
}

/// The bounds of a parameter.
pub fn bounds(parameter: &FaultParameter) -> String {
    format!("{} to {}", count(parameter.least.into()), count(parameter.most.into()))
}

/// The typed number, or a sentence if it is none or out of bounds.
pub fn number(parameter: &FaultParameter, typed: &str) -> Result<u32, String> {
    let number = typed.trim().parse().ok().filter(|number| (parameter.least..=parameter.most).contains(number));
    let (words, unit) = name_and_unit(&parameter.name);
    number.ok_or_else(|| format!("“{words}” must be a whole number from {} {unit}.", bounds(parameter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_checked_before_they_are_sent() {
        let latency = FaultParameter { name: "latency_ms".to_owned(), least: 1, most: 10_000, default: 100 };
        assert_eq!(number(&latency, " 250 "), Ok(250));
        let sentence = "“Everything arrives later by” must be a whole number from 1 to 10\u{202f}000 ms.";
        for wrong in ["", "0", "10001", "1.5", "-1", "fast"] {
            assert_eq!(number(&latency, wrong), Err(sentence.to_owned()));
        }
    }
}
