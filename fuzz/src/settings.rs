//! The settings of use cases.

use std::sync::LazyLock;

use consumer::use_cases::UseCases;
use domain::json::Json;
use domain::rules::{Memory, Settings};
use domain::{Event, Kind, Source, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::refusal::reason;

static USE_CASES: LazyLock<UseCases> = LazyLock::new(|| UseCases::new("rules@ese.example", "operator@ese.example"));

/// A change: refused with a reason, or settings with which the rule works.
pub fn settings(body: &[u8]) {
    let Ok(Json(Value::Object(given))) = serde_json::from_slice(body) else { return };
    for name in USE_CASES.names() {
        let entry = USE_CASES.get(name).expect("a known use case");
        let settings = match Settings::default_of(&entry.fields).changed(&entry.fields, &given) {
            Ok(settings) => settings,
            Err(error) => {
                reason(&error.to_string());
                continue;
            }
        };
        let stored = serde_json::to_value(&settings).expect("settings are JSON");
        let Value::Object(stored) = stored else { panic!("settings are an object") };
        let again = Settings::default_of(&entry.fields).changed(&entry.fields, &stored);
        assert_eq!(again.as_ref(), Ok(&settings), "stored settings are read again");
        assert!(!entry.rule.about(&settings).condition.is_empty());
        let mut memory = Memory::default();
        for (number, kind) in [Kind::ALL, Kind::ALL].concat().into_iter().enumerate() {
            let time = Timestamp::from_millis(1_769_860_800_000 + number as i64);
            let event = Event::new(Uuid::nil(), Source::Elsewhere("/fuzz".to_owned()), kind, time);
            let event = Event { partitionkey: "10.0.0.7".to_owned(), ..event };
            if entry.rule.wants(&settings, &event) {
                entry.rule.observe(&settings, &mut memory, &event, time);
            }
        }
        entry.rule.due(&settings, &mut memory);
    }
}
