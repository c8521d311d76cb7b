//! The mail about steady clicks.

use crate::EventType;

/// The subject and the content; `took` is in milliseconds.
pub(super) fn subject_and_content(ip: &str, kind: &EventType, threshold: usize, took: f64) -> (String, String) {
    let content = format!("{ip} sent {threshold} events of type {kind} within {took:.0} ms.");
    (format!("Steady clicks from {ip}"), content)
}
