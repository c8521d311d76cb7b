//! Tests of the schemas and of docs/scenarios.md.

use std::collections::BTreeSet;

use super::*;
use crate::builtin_scenarios;

const PAGE: &str = include_str!("../../../docs/scenarios.md");

/// The names of all properties, at any depth.
fn properties(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            let named = fields.get("properties").and_then(Value::as_object);
            found.extend(named.into_iter().flat_map(|named| named.keys().cloned()));
            fields.values().for_each(|field| properties(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, found)),
        _ => {}
    }
}

#[test]
fn the_page_has_every_field_every_kind_and_every_scenario() {
    let mut names = BTreeSet::new();
    properties(&schema::<Scenario>(), &mut names);
    assert!(names.contains("hot_key_share") && names.contains("for"), "{names:?}");
    names.extend(crate::scenario::kinds::ALL.map(|kind| kind.name.to_owned()));
    names.extend(crate::scenario::kinds::ALL.iter().flat_map(|kind| kind.targets()).map(str::to_owned));
    names.extend(crate::Criterion::ALL.map(|criterion| criterion.name().to_owned()));
    names.extend(builtin_scenarios::all().into_iter().map(|scenario| scenario.name));
    let missing: Vec<_> = names.iter().filter(|name| !PAGE.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/scenarios.md lacks {missing:?}");
}

#[test]
fn the_example_of_the_page_is_a_scenario() {
    let (_, rest) = PAGE.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let scenario = Scenario::parse(example, "docs/scenarios.md").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(scenario.name, "two-seconds-away");
}

#[test]
fn the_schema_has_the_bounds_of_the_check() {
    let schema = schema::<Scenario>();
    let rate = &schema["$defs"]["Load"]["properties"]["rate"];
    assert_eq!((rate["minimum"].as_f64(), rate["maximum"].as_f64()), (Some(0.1), Some(2000.0)), "{rate}");
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn results_have_a_schema() {
    let names: Vec<_> = files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["schemas/scenario.json", "schemas/results.json"]);
}
