//! Refusals of whole requests, as RFC 9457 problem details.

use std::fmt::Display;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::api::{EventResult, PROBLEM, Problem};
use serde::Serialize;

/// The most characters of an error in an answer.
const MOST_CHARS: usize = 300;

/// The error's text, or the beginning of it: an error about a body may repeat a long text of the client.
pub fn short(error: &dyn Display) -> String {
    let text = error.to_string();
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Why a whole request is refused; becomes the response.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {detail}")]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// The problem and its remedy, as a sentence.
    pub detail: String,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The name of the server that is not available, where that is the reason.
    pub dependency: Option<&'static str>,
    /// Results of single events, where there are any.
    pub results: Vec<EventResult>,
}

impl Refusal {
    /// A refusal with a status and a sentence.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after: None, dependency: None, results: Vec::new() }
    }

    /// 400: the request is malformed.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 503: unavailable now; try again after `wait`.
    pub fn unavailable(detail: impl Into<String>, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// 404: there is nothing.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
    }

    /// 405: the address does not take this method.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
    }

    /// 500: an internal error; it is logged here, the client gets no detail.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The service failed; its log says why.")
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), format!("{}.", rejection.body_text()))
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), format!("{}.", rejection.body_text()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = Problem {
            status: self.status.as_u16(),
            title: self.status.canonical_reason().unwrap_or("Refused").to_owned(),
            detail: self.detail,
            retry_after_ms: self.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            dependency: self.dependency.map(str::to_owned),
            results: self.results,
        };
        answer(self.status, PROBLEM, &problem, self.retry_after)
    }
}

/// A refusal in JSON of this media type. A 401 has `WWW-Authenticate`; a wait is in `Retry-After`.
pub fn answer(
    status: StatusCode,
    media_type: &'static str,
    body: &impl Serialize,
    retry_after: Option<Duration>,
) -> Response {
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(wait) = retry_after {
        // The header has whole seconds; they are rounded up.
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs_f64().ceil() as u64));
    }
    response
}

/// The answer where no route matches.
pub async fn not_found() -> Refusal {
    Refusal::not_found()
}

/// The answer to a method that the address does not take.
pub async fn method_not_allowed() -> Refusal {
    Refusal::method_not_allowed()
}
