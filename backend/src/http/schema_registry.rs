//! `GET /subjects`, `/subjects/{subject}/versions` and `…/{version}`: the paths of a schema registry that clients read before
//! they produce, answered from the types.

use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use domain::api::kafka_rest::{REGISTRY, SchemaVersion};
use domain::describe::schemas::{record_value, subject};
use domain::topics::Topic;

use super::kafka_rest::RestRefusal;
use super::state::AppState;

/// The only version of each schema.
const VERSION: i32 = 1;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/subjects", get(subjects))
        .route("/subjects/{subject}/versions", get(versions))
        .route("/subjects/{subject}/versions/{version}", get(version))
}

async fn subjects() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, REGISTRY)], Json(Topic::ALL.map(subject)).into_response().into_body())
}

async fn versions(Path(name): Path<String>) -> Result<impl IntoResponse, RestRefusal> {
    find(&name)?;
    Ok(([(header::CONTENT_TYPE, REGISTRY)], Json([VERSION]).into_response().into_body()))
}

async fn version(Path((name, version)): Path<(String, String)>) -> Result<impl IntoResponse, RestRefusal> {
    let (id, topic) = find(&name)?;
    match version.parse::<i32>() {
        Ok(VERSION | -1) => (),
        Ok(1..) => return Err(RestRefusal::new(40402, format!("Version {version} not found."), REGISTRY)),
        _ if version == "latest" => (),
        _ => {
            let message = "The version is not a number from 1, nor `latest`.";
            return Err(RestRefusal::new(42202, message, REGISTRY));
        }
    }
    let schema = SchemaVersion {
        subject: name,
        version: VERSION,
        id,
        schema_type: "JSON".to_owned(),
        schema: record_value(topic).to_string(),
    };
    Ok(([(header::CONTENT_TYPE, REGISTRY)], Json(schema).into_response().into_body()))
}

/// The topic of the subject, and its schema's id.
fn find(name: &str) -> Result<(i32, Topic), RestRefusal> {
    let known = (1..).zip(Topic::ALL).find(|(_, topic)| subject(*topic) == name);
    let short: String = name.chars().take(60).collect();
    known.ok_or_else(|| RestRefusal::new(40401, format!("Subject '{short}' not found."), REGISTRY))
}
