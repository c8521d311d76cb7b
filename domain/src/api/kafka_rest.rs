//! The answers of the Kafka REST façade and of the schema registry's paths, as Confluent's (REST Proxy API v2).

use serde::{Deserialize, Serialize};

/// The façade's media type for requests with JSON records.
pub const KAFKA_JSON: &str = "application/vnd.kafka.json.v2+json";
/// The façade's media type for answers.
pub const KAFKA: &str = "application/vnd.kafka.v2+json";
/// The schema registry's media type.
pub const REGISTRY: &str = "application/vnd.schemaregistry.v1+json";

/// The answer to `POST /topics/{topic}`, given when every record is in every in-sync replica, or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Produced {
    /// For each record, in the order of the request.
    pub offsets: Vec<RecordPlace>,
    /// Always null: keys have no schema.
    pub key_schema_id: Option<i32>,
    /// Always null: values are JSON, not encoded by a schema.
    pub value_schema_id: Option<i32>,
}

/// The place of a record, or the reason why it was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecordPlace {
    /// Its partition.
    pub partition: Option<i32>,
    /// Its offset in the partition.
    pub offset: Option<i64>,
    /// 1: never send it again, 2: send it again later.
    pub error_code: Option<i32>,
    /// The error as a sentence.
    pub error: Option<String>,
}

/// Why a request of the façade or of the registry was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RestError {
    /// The HTTP status, often with two more digits.
    pub error_code: i32,
    /// The error as a sentence.
    pub message: String,
}

/// One version of a subject's schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SchemaVersion {
    /// `<topic>-value`.
    pub subject: String,
    /// Its version.
    pub version: i32,
    /// Its number among all schemas.
    pub id: i32,
    /// `JSON`.
    #[serde(rename = "schemaType")]
    pub schema_type: String,
    /// The JSON Schema, as text.
    pub schema: String,
}
