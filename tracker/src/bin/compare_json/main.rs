//! Reads the same texts with the page's reader of JSON and with serde_json, in a browser. The title of the page says whether
//! both always agree.
//!
//! The texts are answers of the services, changed at random. `#COUNT` in the address says how many there are.

use domain::Event;
use domain::api::{IngestReply, LedgerView, Problem, Processed, SessionReport, Stats, UseCaseView};
use js_sys::Math;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// How many texts are compared where the address does not say it.
const COUNT: u32 = 20_000;

fn main() {
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    let hash = window.location().hash().unwrap_or_default();
    document.set_title(&compare(hash.trim_start_matches('#').parse().unwrap_or(COUNT)));
}

/// The outcome as a sentence.
fn compare(count: u32) -> String {
    let answers = answers();
    let mut read = 0;
    for number in 0..count {
        let (both, answer) = &answers[below(answers.len())];
        let mut value = answer.clone();
        // The first texts are as they came.
        for _ in 0..below(4).min(number as usize / 100) {
            change(&mut value, &answers[below(answers.len())].1);
        }
        let text = value.to_string();
        match both(&text) {
            Ok(was_read) if was_read || number >= 100 => read += u32::from(was_read),
            Ok(_) => return format!("no reader takes {text}"),
            Err(difference) => return format!("a difference: {difference}: {text}"),
        }
    }
    format!("{count} texts, {read} of them read, no difference")
}

/// Whether both readers read the text, or else their difference.
type Both = fn(&str) -> Result<bool, String>;

fn both<T: DeserializeOwned + Serialize>(text: &str) -> Result<bool, String> {
    let written = |value: T| serde_json::to_string(&value).unwrap_or_default();
    let ours = tracker::json::read::<T>(text).map(written);
    let theirs = serde_json::from_str::<T>(text).map(written);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(true),
        (Err(_), Err(_)) => Ok(false),
        (ours, theirs) => Err(format!("{ours:?} here, {theirs:?} there")),
    }
}

/// Answers of the services, with all that they may have, and their types.
fn answers() -> Vec<(Both, Value)> {
    let mut answers: Value = serde_json::from_str(include_str!("answers.json")).unwrap_or_default();
    let types: [(Both, &str); 8] = [
        (both::<IngestReply>, "ingest"),
        (both::<Problem>, "problem"),
        (both::<Event>, "event"),
        (both::<Vec<Processed>>, "processed"),
        (both::<Stats>, "stats"),
        (both::<LedgerView>, "ledger"),
        (both::<SessionReport>, "report"),
        (both::<UseCaseView>, "use_case"),
    ];
    types.map(|(both, name)| (both, answers[name].take())).into()
}

fn below(most: usize) -> usize {
    (Math::random() * most as f64) as usize
}

/// Changes one place of the value, or a place within it.
fn change(value: &mut Value, other: &Value) {
    match value {
        Value::Object(fields) if below(4) > 0 && !fields.is_empty() => {
            let name = fields.keys().nth(below(fields.len())).cloned().unwrap_or_default();
            match below(8) {
                0 => drop(fields.remove(&name)),
                1 => {
                    let field = fields.remove(&name).unwrap_or_default();
                    fields.insert(["unknown", "__proto__", "constructor", "length", "0"][below(5)].to_owned(), field);
                }
                _ => change(&mut fields[&name], other),
            }
        }
        Value::Array(items) if below(4) > 0 && !items.is_empty() => {
            let at = below(items.len());
            match below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => change(&mut items[at], other),
            }
        }
        // No new array: serde_json reads a struct from an array as well, which no service writes.
        _ => *value = scalar(other),
    }
}

fn scalar(other: &Value) -> Value {
    match below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!((1_u64 << 53) - 1),
        4 => json!(0.5),
        5 => json!("\u{1f600}\u{0}\"\\"),
        6 => json!(["kafka", "accepted", "1-5", "ese.order.created", "17", "", "record"][below(7)]),
        7 => json!({}),
        8 => json!({"record": 1}),
        9 => [json!({"accepted": null}), json!({"kafka": 1}), json!({"new": {}})][below(3)].take(),
        10 if other.is_object() => other.clone(),
        _ => json!(below(300)),
    }
}
