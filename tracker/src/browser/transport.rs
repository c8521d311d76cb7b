//! Requests to the backend and the consumer.

use domain::SessionId;
use domain::api::{BATCH, IngestReply, SessionReport};
use gloo_net::http::Request as Http;
use web_sys::AbortSignal;

use crate::json;
use crate::tracker::{Answer, Request};

/// The timeout of a request in milliseconds, longer than http-push may take.
const TIMEOUT_MS: u32 = 20_000;

const UNREACHABLE: &str = "the server cannot be reached";

/// Sends a batch.
pub(super) async fn post(request: &Request) -> Answer {
    match try_post(request).await {
        Ok(answer) => answer,
        Err(_) => Answer::Unreachable(UNREACHABLE.to_owned()),
    }
}

async fn try_post(request: &Request) -> Result<Answer, gloo_net::Error> {
    let response = Http::post(&format!("/api/events?route={}", request.route))
        .header("content-type", BATCH)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)))
        .body(request.body.as_str())?
        .send()
        .await?;
    if response.status() == 200 {
        let reply = json::read::<IngestReply>(&response.text().await?);
        return Ok(reply.map_or_else(Answer::Unreachable, Answer::Reply));
    }
    let retry_after = response.headers().get("retry-after");
    let title = response.status_text();
    Ok(Answer::refused(response.status(), title, retry_after.as_deref(), &response.text().await?))
}

fn report_url(session: SessionId) -> String {
    format!("/api/sessions/{session}/report")
}

/// Sends a report, and returns whether the consumer took it.
pub(super) async fn report(session: SessionId, report: &SessionReport) -> bool {
    let request = Http::post(&report_url(session))
        .header("content-type", "application/json")
        .abort_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let Some(request) = json::write(report).ok().and_then(|report| request.body(report).ok()) else { return false };
    request.send().await.is_ok_and(|response| response.ok())
}

/// Gives a report to the browser, which sends it even after the page is closed.
pub(super) fn report_on_close(session: SessionId, report: &SessionReport) {
    let (Some(window), Ok(json)) = (web_sys::window(), json::write(report)) else { return };
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/json");
    let parts = js_sys::Array::of1(&json.into());
    if let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options) {
        window.navigator().send_beacon_with_opt_blob(&report_url(session), Some(&blob)).ok();
    }
}
