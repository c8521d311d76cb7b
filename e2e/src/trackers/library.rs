//! The trackers: their files, their pages, and where they write an event's number.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A tracker that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracker {
    /// `ese.js` of this project.
    Ese,
    /// `posthog-js`.
    Posthog,
    /// `@segment/analytics-next`.
    Segment,
    /// `@snowplow/browser-tracker`.
    Snowplow,
}

impl Tracker {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Ese, Self::Posthog, Self::Segment, Self::Snowplow];

    /// The name of its package.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ese => "ese.js",
            Self::Posthog => "posthog-js",
            Self::Segment => "@segment/analytics-next",
            Self::Snowplow => "@snowplow/browser-tracker",
        }
    }

    /// The page that uses the tracker, without the part that all pages share.
    pub fn page(self) -> &'static str {
        match self {
            Self::Ese => include_str!("pages/ese.html"),
            Self::Posthog => include_str!("pages/posthog.html"),
            Self::Segment => include_str!("pages/segment.html"),
            Self::Snowplow => include_str!("pages/snowplow.html"),
        }
    }

    /// The numbers of the events in the body of a request.
    pub fn numbers(self, body: &Value) -> Vec<u64> {
        // Snowplow's structured events have fields of fixed names; `se_va` is the value.
        let key = if self == Self::Snowplow { "se_va" } else { "probe" };
        let mut found = Vec::new();
        collect(body, key, &mut found);
        found
    }

    /// The answer to a request that was taken.
    pub fn answer(self, route: Option<&str>, body: &Value) -> Value {
        match (self, body.as_array()) {
            (Self::Ese, Some(events)) => {
                let route = route.unwrap_or("http-push");
                let result = |event: &Value| serde_json::json!({ "id": event["id"], "routes": { route: { "outcome": "accepted" } } });
                serde_json::json!({ "results": events.iter().map(result).collect::<Vec<_>>() })
            }
            // PostHog's tracker reads its compression here; the others read nothing.
            _ => serde_json::json!({ "status": 1, "success": true, "supportedCompression": ["gzip", "gzip-js"] }),
        }
    }
}

fn collect(value: &Value, key: &str, found: &mut Vec<u64>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let number = value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|_| name == key);
                match number {
                    Some(number) => found.push(number),
                    None => collect(value, key, found),
                }
            }
        }
        _ => {}
    }
}

/// A tracker's files on this machine.
#[derive(Clone, Debug)]
pub struct Library {
    /// The tracker.
    pub tracker: Tracker,
    /// The unpacked package.
    pub dir: PathBuf,
    /// The version of its package.
    pub version: String,
}

impl Library {
    /// Reads the version in `package.json`; `ese.js` has the version of this program.
    pub fn open(tracker: Tracker, dir: PathBuf) -> Result<Self> {
        if tracker == Tracker::Ese {
            ensure!(dir.join("ese.js").is_file(), "there is no ese.js in {}", dir.display());
            return Ok(Self { tracker, dir, version: env!("CARGO_PKG_VERSION").to_owned() });
        }
        let path = dir.join("package.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let package: Value = serde_json::from_str(&text)?;
        ensure!(package["name"] == tracker.name(), "{} is not of {}", path.display(), tracker.name());
        let version = package["version"].as_str().context("there is no version")?.to_owned();
        Ok(Self { tracker, dir, version })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_numbers_are_found_in_the_format_of_each_tracker() {
        let posthog = json!([{ "event": "$pageview" }, { "event": "probe", "properties": { "probe": 7 } }]);
        assert_eq!(Tracker::Posthog.numbers(&posthog), [7]);
        let segment = json!({ "batch": [{ "type": "track", "event": "probe", "properties": { "probe": 8 } }] });
        assert_eq!(Tracker::Segment.numbers(&segment), [8]);
        let snowplow =
            json!({ "schema": "iglu:…", "data": [{ "e": "se", "se_va": "9" }, { "e": "se", "se_va": "10" }] });
        assert_eq!(Tracker::Snowplow.numbers(&snowplow), [9, 10]);
        let ese = json!([{ "type": "com.example.probe", "sequence": "1", "data": { "probe": 11 } }]);
        assert_eq!(Tracker::Ese.numbers(&ese), [11]);
    }

    #[test]
    fn an_answer_to_ese_accepts_each_event() {
        let answer = Tracker::Ese.answer(Some("kafka"), &json!([{ "id": "a" }, { "id": "b" }]));
        let reply: domain::api::IngestReply = serde_json::from_value(answer).unwrap();
        assert_eq!(reply.results.len(), 2);
    }
}
