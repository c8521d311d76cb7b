//! Which types of users' own events are admitted: a list of names, each exact or open at its end.

use std::fmt;
use std::str::FromStr;

use super::custom_type::{BadCustomType, CustomType, has_legal_parts};
use super::event_type::EventType;
use super::kind::Kind;

/// A type such as `com.example.order-paid`, or all types below a name: `com.example.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypePattern {
    /// This type alone.
    Exact(CustomType),
    /// All types that begin with this name and a dot.
    Below(String),
}

/// The text is no pattern.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` admits no type: {BadCustomType}; a last part `.*` stands for any parts")]
pub struct BadPattern {
    text: String,
}

/// The type is well-formed and not admitted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the event type `{name}` is not admitted: {admitted}; known are: {known}",
    known = Kind::ALL.map(Kind::name).join(", ")
)]
pub struct NotAdmitted {
    name: String,
    admitted: String,
}

impl TypePattern {
    fn matches(&self, custom: &CustomType) -> bool {
        match self {
            Self::Exact(exact) => exact == custom,
            Self::Below(name) => custom.name().strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')),
        }
    }
}

/// Admits the known kinds, and the types that one of the `patterns` matches.
pub fn admit(of: &EventType, patterns: &[TypePattern]) -> Result<(), NotAdmitted> {
    let custom = match of {
        EventType::Known(_) => return Ok(()),
        EventType::Custom(custom) => custom,
    };
    if patterns.iter().any(|pattern| pattern.matches(custom)) {
        return Ok(());
    }
    let names: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    let admitted = match names.as_slice() {
        [] => "the backend runs without --event-types".to_owned(),
        names => format!("--event-types admits {}", names.join(", ")),
    };
    Err(NotAdmitted { name: custom.name().chars().take(60).collect(), admitted })
}

impl FromStr for TypePattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let text = text.trim();
        let pattern = match text.strip_suffix(".*") {
            Some(name) => has_legal_parts(name).then(|| Self::Below(name.to_owned())),
            None => text.parse().map(Self::Exact).ok(),
        };
        pattern.ok_or_else(|| BadPattern { text: text.chars().take(60).collect() })
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(exact) => f.write_str(exact.name()),
            Self::Below(name) => write!(f, "{name}.*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<TypePattern> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn admits(texts: &[&str], name: &str) -> bool {
        admit(&name.parse().unwrap(), &patterns(texts)).is_ok()
    }

    #[test]
    fn a_pattern_is_exact_or_open_at_its_end() {
        for (pattern, name, admitted) in [
            ("com.example.paid", "com.example.paid", true),
            ("com.example.paid", "com.example.paid.late", false),
            ("com.example.paid", "com.example.Paid", false),
            ("com.example.*", "com.example.paid", true),
            ("com.example.*", "com.example.order.paid", true),
            ("com.example.*", "com.example", false),
            ("com.example.*", "com.examples.paid", false),
            ("com.*", "com.example", true),
            (" com.* ", "com.example", true),
            ("com.*", "org.example", false),
        ] {
            assert_eq!(admits(&[pattern], name), admitted, "{pattern} {name}");
        }
        assert!(admits(&["com.a.*", "com.b.c"], "com.b.c") && !admits(&["com.a.*", "com.b.c"], "com.b.d"));
        assert!(admits(&[], "ese.order.created"), "the known kinds need no pattern");
    }

    #[test]
    fn anything_else_is_no_pattern() {
        for bad in
            ["", "*", ".*", "com", "com.*.paid", "com.example*", "com.example.**", "com..*", "ese.*", "Ese.order.*"]
        {
            let error = bad.parse::<TypePattern>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{bad}` admits no type: give a name such as")), "{error}");
        }
        "x".repeat(200).parse::<TypePattern>().unwrap_err();
    }

    #[test]
    fn the_reason_names_the_patterns() {
        let reason =
            |texts: &[&str]| admit(&"com.shop.sold".parse().unwrap(), &patterns(texts)).unwrap_err().to_string();
        let several = reason(&["com.example.*", "org.b.paid"]);
        let beginning = "the event type `com.shop.sold` is not admitted: --event-types admits com.example.*, org.b.paid; \
                         known are: ese.click-stream.key-press, ";
        assert!(several.starts_with(beginning), "{several}");
        let none = reason(&[]);
        assert!(none.contains("not admitted: the backend runs without --event-types; known are: ese."), "{none}");
    }
}
