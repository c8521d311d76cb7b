//! `POST /api/mails` takes a list of mail requests; `GET /api/mails` tells what became of the latest.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::mail::{MailRequest, MailStatus};
use runtime::problem::Refusal;

use super::Intake;

/// How many mails one answer tells about.
const LATEST: i64 = 200;

/// All routes but the probes.
pub fn router(intake: Intake) -> Router {
    Router::new().route("/api/mails", post(take).get(latest)).with_state(intake)
}

async fn take(State(intake): State<Intake>, body: Bytes) -> Result<StatusCode, Refusal> {
    let requests: Vec<MailRequest> = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(format!("The body is not a JSON list of mail requests: {error}.")))?;
    for request in &requests {
        Intake::check(request).map_err(|error| Refusal::bad_request(format!("Mail {}: {error}.", request.id)))?;
    }
    intake.take(&requests).await.map(|()| StatusCode::ACCEPTED).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "mail requests were not taken");
        Refusal::unavailable("The mailer's record cannot be written.", Duration::from_secs(1))
    })
}

async fn latest(State(intake): State<Intake>) -> Result<Json<Vec<MailStatus>>, Refusal> {
    intake.store.latest(LATEST).await.map(Json).map_err(|error| Refusal::internal(&error))
}
