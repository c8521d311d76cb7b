//! JSON Schemas (draft 2020-12) of the two formats.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::{Results, Scenario};

/// Both schemas as files: the path below the documentation's folder, and the text.
pub fn files() -> Vec<(String, String)> {
    let schemas = [("scenario", schema::<Scenario>()), ("results", schema::<Results>())];
    schemas.map(|(name, schema)| (format!("schemas/{name}.json"), format!("{schema:#}\n"))).into()
}

fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
mod tests;
