//! `POST /api/sessions/{session}/report`: a tracker's own counts.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::SessionId;
use domain::api::{MAX_WAITS, SessionReport};
use domain::ledger::{MAX_FRAGMENTS, NotPlausible, Report};
use runtime::clock;
use runtime::keys::Sent;
use runtime::problem::{Refusal, short};

use super::limits::MAX_REPORT_BYTES;
use super::state::AppState;
use crate::store::{StoreError, ledger};

pub(super) async fn report(
    State(state): State<AppState>,
    Path(session): Path<String>,
    Sent { sender, body, room: _room }: Sent<MAX_REPORT_BYTES>,
) -> Result<StatusCode, Refusal> {
    sender.events(1)?;
    let session: SessionId =
        session.parse().map_err(|_| Refusal::bad_request("The session in the address is not a UUID."))?;
    // Any content type: a page that is being closed can only send what `navigator.sendBeacon` sends.
    let report: SessionReport = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(format!("The body is not a session's report: {}.", short(&error))))?;
    if !report.routes.values().all(Report::is_plausible) {
        return Err(Refusal::bad_request(format!(
            "The report names more numbers than a client can have, or more than {MAX_FRAGMENTS} ranges in a set."
        )));
    }
    if report.waits.values().any(|waits| waits.len() > MAX_WAITS) {
        return Err(Refusal::bad_request(format!("The report has more than {MAX_WAITS} waits for a route.")));
    }
    state.database.request(enter(&state, session, &report)).await?.map_err(|NotPlausible| {
        Refusal::bad_request(format!(
            "With the session's earlier reports a set has more than {MAX_FRAGMENTS} ranges; nothing was entered."
        ))
    })?;
    state.live.waited(&report.waits, clock::now());
    state.live.changed();
    Ok(StatusCode::NO_CONTENT)
}

/// Enters the report, or nothing of it if it is not plausible together with earlier ones.
async fn enter(
    state: &AppState,
    session: SessionId,
    report: &SessionReport,
) -> Result<Result<(), NotPlausible>, StoreError> {
    let now = clock::now();
    let mut tx = state.database.begin().await?;
    let keys = report.routes.keys().map(|route| (session, route)).collect();
    let mut locked = ledger::lock(&mut tx, keys, now).await?;
    for ((_, route), ledger) in &mut locked {
        if let Some(report) = report.routes.get(*route)
            && let Err(refused) = ledger.add_report(report, now)
        {
            return Ok(Err(refused));
        }
    }
    ledger::save(&mut tx, &locked).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
