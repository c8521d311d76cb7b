//! The properties of every refusal.

/// Checks that a refusal has a reason, and that the reason is short whatever the input is.
pub fn reason(text: &str) {
    assert!(text.trim().len() > 10, "no reason: `{text}`");
    assert!(text.chars().count() <= 1000, "a reason of {} characters", text.chars().count());
}
