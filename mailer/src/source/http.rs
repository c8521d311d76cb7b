//! `POST /api/mails` accepts a list of mail requests; `GET /api/mails[?id=…,…]` returns the states of the latest, or of these;
//! `GET /api/disk/mailer` returns how much the database has, and its bounds.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::api::DiskView;
use domain::mail_request::{MailRequest, MailStatus};
use runtime::admin::Admin;
use runtime::admission::{Admission, Admitted};
use runtime::peers::{PeerToken, peers_only};
use runtime::problem::{Refusal, short};
use serde::Deserialize;
use uuid::Uuid;

use super::MailQueue;

/// The most bytes of requests that are taken at once; the consumer sends a hundred, far smaller together.
const MAX_MAILS_BYTES: usize = 2 << 20;

/// The most mails of one answer.
const MOST: u8 = 200;

/// Room for all the bodies that may be read at once.
pub fn admission() -> Admission {
    Admission::new(MAX_MAILS_BYTES, 8)
}

/// All routes but the probes: mail requests from holders of `token`, all else to who may look.
pub fn router(queue: MailQueue, token: PeerToken, admin: &Admin) -> Router {
    let looking = Router::new().route("/api/mails", get(states)).route("/api/disk/mailer", get(disk));
    let mails = Router::new().route("/api/mails", peers_only(post(add), token, "application/json"));
    admin.only(looking).merge(mails).merge(admin.router()).with_state(queue)
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
    queue.store.database().request(queue.add(&requests, &[])).await.map(|()| StatusCode::ACCEPTED)
}

#[derive(Debug, Deserialize)]
struct Wanted {
    id: Option<String>,
}

async fn states(
    State(queue): State<MailQueue>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Vec<MailStatus>>, Refusal> {
    let bad =
        || Refusal::bad_request(format!("Give `id` as 1 to {MOST} UUIDs with commas between them, or leave it out."));
    let Query(wanted) = wanted.map_err(|_| bad())?;
    let database = queue.store.database();
    let mails = match wanted.id {
        Some(ids) => {
            let ids = ids.split(',').map(str::parse).collect::<Result<Vec<Uuid>, _>>().map_err(|_| bad())?;
            if ids.len() > usize::from(MOST) {
                return Err(bad());
            }
            database.request(queue.store.find(&ids)).await
        }
        None => database.request(queue.store.latest(MOST.into())).await,
    };
    mails.map(Json)
}

async fn disk(State(queue): State<MailQueue>) -> Result<Json<DiskView>, Refusal> {
    let database = queue.store.database();
    database.request(queue.measured.view(database)).await.map(Json)
}
