//! The mail about a stuck order.

/// The subject and the content; `ip` may be empty, `within` is in seconds.
pub(super) fn subject_and_content(ip: &str, name: &str, within: i64) -> (String, String) {
    let who = if ip.is_empty() { "Somebody" } else { ip };
    let content = format!("{who} created the order {name}, and it was not completed within {within} s.");
    (format!("Order {name} is stuck"), content)
}
