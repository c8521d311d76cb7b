//! `POST /api/mails` accepts a list of mail requests; `GET /api/mails[?id=…]` returns the states of the latest, or of one.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::mail::{MailRequest, MailStatus};
use runtime::admission::{Admission, Admitted};
use runtime::peers::{PeerToken, peers_only};
use runtime::problem::{Refusal, short};
use serde::Deserialize;
use uuid::Uuid;

use super::MailQueue;

/// The most bytes of requests that are taken at once; the consumer sends a hundred, far smaller together.
const MAX_MAILS_BYTES: usize = 2 << 20;

/// How many mails one answer has.
const LATEST: i64 = 200;

/// Room for all the bodies that may be read at once.
pub fn admission() -> Admission {
    Admission::new(MAX_MAILS_BYTES, 8)
}

/// All routes but the probes; mail requests are accepted only from holders of `token`.
pub fn router(queue: MailQueue, token: PeerToken) -> Router {
    let mails = peers_only(post(add), token, "application/json").get(latest);
    Router::new().route("/api/mails", mails).with_state(queue)
}

async fn add(
    State(queue): State<MailQueue>,
    Admitted { body, room: _room }: Admitted<MAX_MAILS_BYTES>,
) -> Result<StatusCode, Refusal> {
    let requests: Vec<MailRequest> = serde_json::from_slice(&body).map_err(|error| {
        Refusal::bad_request(format!("The body is not a JSON list of mail requests: {}.", short(&error)))
    })?;
    for request in &requests {
        MailQueue::check(request)
            .map_err(|error| Refusal::bad_request(format!("Mail {}: {}.", request.id, short(&error))))?;
    }
    queue.add(&requests, &[]).await.map(|()| StatusCode::ACCEPTED).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "mail requests were not stored");
        Refusal::unavailable("The mailer's database cannot be written.", Duration::from_secs(1))
    })
}

#[derive(Debug, Deserialize)]
struct Wanted {
    id: Option<Uuid>,
}

async fn latest(
    State(queue): State<MailQueue>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Vec<MailStatus>>, Refusal> {
    let Query(wanted) = wanted.map_err(|_| Refusal::bad_request("Give `id` as a UUID, or leave it out."))?;
    let mails = match wanted.id {
        Some(id) => queue.store.find(id).await.map(|mail| mail.into_iter().collect()),
        None => queue.store.latest(LATEST).await,
    };
    mails.map(Json).map_err(|error| Refusal::internal(&error))
}
