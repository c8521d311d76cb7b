//! Text between two marks.

/// The text between two marks.
pub(super) fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(between, _)| between)
}

/// The text with `new` between the marks; none if it lacks them.
pub(super) fn replaced(text: &str, begin: &str, new: &str, end: &str) -> Option<String> {
    let old = between(text, begin, end)?;
    Some(text.replacen(&format!("{begin}{old}{end}"), &format!("{begin}{new}{end}"), 1))
}
