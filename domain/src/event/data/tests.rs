//! Data in and out: the text stays, and all is refused that a reader of the value would refuse.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::json::{Json, depth};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
        let object = prop::collection::hash_map(".*", inner, 0..4);
        prop_oneof![list, object.prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into())]
    })
}

/// `levels` times JSON within a string within JSON, each level as deep as serde_json permits.
fn nested(levels: usize) -> String {
    let mut text = "[]".to_owned();
    for _ in 0..levels {
        let object = json!({ "$serde_json::private::RawValue": text });
        text = format!("{}{object}{}", "[".repeat(110), "]".repeat(110));
    }
    text
}

fn read(json: &str) -> serde_json::Result<Data> {
    serde_json::from_str(json)
}

/// The JSON of an array in an array and so on.
fn levels(count: usize) -> String {
    "[".repeat(count) + &"]".repeat(count)
}

proptest! {
    #[test]
    fn data_is_written_as_it_was_read(value in any_value()) {
        for json in [value.to_string(), serde_json::to_string_pretty(&value).unwrap().replace('\n', "\t")] {
            let data = read(&json).unwrap();
            prop_assert_eq!(data.json(), &json);
            prop_assert_eq!(serde_json::to_string(&data).unwrap(), json);
            prop_assert_eq!(data.depth(), depth(&value));
        }
    }

    #[test]
    fn values_and_texts_give_the_same_data(value in any_value()) {
        let json = value.to_string();
        let [from_text, from_value, made] =
            [read(&json).unwrap(), serde_json::from_value(value.clone()).unwrap(), Data::from(value)];
        prop_assert_eq!(&from_text, &from_value);
        prop_assert_eq!(&from_text, &made);
        prop_assert_eq!(from_text.depth(), made.depth());
        let read: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(made.value(), read);
    }

    #[test]
    fn data_is_refused_exactly_where_a_value_is(text in "[\\[\\]{}\",:0-9eE.+\\-\\\\ud8dc tfn\n]{0,12}") {
        let value = serde_json::from_str::<Json>(&text);
        prop_assert_eq!(read(&text).is_ok(), value.is_ok(), "{}", text);
    }
}

#[test]
fn every_line_break_becomes_a_space() {
    let data = read("\r\n{\"a\":\r\n [1,\n\n2],\n\"b\": \"line\\nbreak\"}\n").unwrap();
    assert_eq!(data.json(), "{\"a\":   [1,  2], \"b\": \"line\\nbreak\"}");
    assert_eq!(data.value(), json!({"a": [1, 2], "b": "line\nbreak"}));
    assert!(read("\"line\nbreak\"").is_err(), "JSON has no raw line break in a string");
}

#[test]
fn a_refusal_has_its_reason() {
    let deep = levels(129);
    for (json, reason) in [
        ("[1e999]", "in `data`: number out of range at line 1"),
        ("{\"a\":-1e999}", "in `data`: number out of range at line 1"),
        ("\"\\ud800\"", "in `data`: "),
        ("{\"\\udc00\":1}", "in `data`: "),
        (deep.as_str(), "in `data`: recursion limit exceeded at line 1"),
    ] {
        let error = read(json).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
        let in_event = serde_json::from_str::<Vec<Data>>(&format!("[{json}]")).unwrap_err().to_string();
        assert!(in_event.starts_with(reason), "{in_event}");
    }
}

#[test]
fn depth_counts_arrays_and_objects() {
    for (json, depth) in [("1", 0), ("\"[[\"", 0), ("[]", 1), ("{\"a\":[]}", 2), ("[{},[[]],{\"b\":1}]", 3)] {
        assert_eq!(read(json).unwrap().depth(), depth, "{json}");
    }
    assert_eq!(read(&levels(127)).unwrap().depth(), 127);
}

#[test]
fn the_private_key_of_serde_json_is_an_ordinary_key() {
    for json in [r#"{"$serde_json::private::RawValue":"[1]"}"#.to_owned(), nested(9)] {
        let data = read(&json).unwrap();
        assert_eq!(data.json(), json);
        assert_eq!(data.value().to_string(), json);
        let from_value: Data = serde_json::from_value(data.value()).unwrap();
        assert_eq!(from_value, data);
        assert_eq!(serde_json::to_string(&data).unwrap(), json);
    }
}

#[test]
fn a_text_that_is_not_json_becomes_a_json_string() {
    let json = |text: &str| Data::from_text(text.into()).to_string();
    assert_eq!(json(" {\"a\": 1}\n"), "{\"a\": 1}");
    assert_eq!(json("plain \"text\""), "\"plain \\\"text\\\"\"");
    assert_eq!(json(""), "\"\"");
    assert_eq!(json("1e999"), "\"1e999\"");
    assert_eq!(json(&levels(129)), format!("\"{}\"", levels(129)));
}

#[test]
fn nothing_is_null() {
    assert_eq!(Data::default().json(), "null");
    assert_eq!(read("null").unwrap(), Data::default());
    assert_eq!(Data::from(Value::Null), Data::default());
}
