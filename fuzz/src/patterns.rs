//! The patterns of users' own event types.

use domain::EventType;
use domain::event::{TypePattern, admit};

use crate::refusal::reason;

/// A pattern in the first line, and a type in the second: a pattern admits what it names, and nothing else.
pub fn type_pattern(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (text, name) = text.split_once('\n').unwrap_or((text, ""));
    let pattern: TypePattern = match text.parse() {
        Ok(pattern) => pattern,
        Err(error) => return reason(&error.to_string()),
    };
    assert_eq!(pattern.to_string(), text.trim());
    let admits =
        |name: &str| name.parse().is_ok_and(|of: EventType| admit(&of, std::slice::from_ref(&pattern)).is_ok());
    match text.trim().strip_suffix(".*") {
        Some(below) => {
            assert!(!admits(below));
            let longer = format!("{below}.x");
            assert!(admits(&longer) || longer.parse::<EventType>().is_err());
        }
        None => assert!(admits(text.trim())),
    }
    let Ok(of) = name.parse::<EventType>() else { return };
    let is_named = match text.trim().strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == text.trim(),
    };
    match admit(&of, &[pattern]) {
        Ok(()) => assert!(is_named || matches!(of, EventType::Known(_))),
        Err(error) => {
            assert!(!is_named);
            reason(&error.to_string());
        }
    }
}
