//! `POST /api/sessions/{session}/report`: a tracker's own counts.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::SessionId;
use domain::api::{MAX_WAITS, SessionReport};
use runtime::admission::Admitted;
use runtime::clock;
use runtime::problem::Refusal;

use super::state::{AppState, MAX_REPORT_BYTES};
use crate::store::{StoreError, ledger};

pub(super) async fn report(
    State(state): State<AppState>,
    Path(session): Path<String>,
    Admitted { body, room: _room }: Admitted<MAX_REPORT_BYTES>,
) -> Result<StatusCode, Refusal> {
    let session: SessionId =
        session.parse().map_err(|_| Refusal::bad_request("The session in the address is not a UUID."))?;
    // Any content type: a page that is being closed can only send what `navigator.sendBeacon` sends.
    let report: SessionReport = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(format!("The body is not a session's report: {error}.")))?;
    if !report.routes.values().all(domain::ledger::Report::is_plausible) {
        return Err(Refusal::bad_request("The report names more numbers or more ranges than a client can have."));
    }
    if report.waits.values().any(|waits| waits.len() > MAX_WAITS) {
        return Err(Refusal::bad_request(format!("The report has more than {MAX_WAITS} waits for a route.")));
    }
    match enter(&state, session, &report).await {
        Ok(()) => {
            state.live.waited(&report.waits, clock::now());
            state.live.changed();
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a report was not entered");
            Err(Refusal::unavailable("The consumer's database cannot be written.", Duration::from_secs(1)))
        }
    }
}

async fn enter(state: &AppState, session: SessionId, report: &SessionReport) -> Result<(), StoreError> {
    let now = clock::now();
    let mut tx = state.database.begin().await?;
    let keys = report.routes.keys().map(|route| (session, route)).collect();
    let mut locked = ledger::lock(&mut tx, keys, now).await?;
    for ((_, route), ledger) in &mut locked {
        if let Some(report) = report.routes.get(*route) {
            ledger.add_report(report, now);
        }
    }
    ledger::save(&mut tx, &locked).await?;
    Ok(tx.commit().await?)
}
