//! `GET /api/processed`: a line of text for every processed event of this consumer, for measurements.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::stream;
use runtime::problem::Refusal;

use super::state::AppState;

/// When the service stops, the stream ends after the lines of the sources' last steps.
pub(super) async fn processed(State(state): State<AppState>) -> Result<impl IntoResponse, Refusal> {
    let Some(listener) = state.live.lines.listen() else {
        return Err(Refusal::unavailable("Too many programs are listening already.", Duration::from_secs(10)));
    };
    let end = Box::pin(async move {
        state.stop.cancelled().await;
        state.process.finished().await;
    });
    let lines = stream::unfold(Some((listener, end)), |next| async {
        let (listener, mut end) = next?;
        let (text, next) = tokio::select! {
            biased;
            text = listener.next() => (text, Some((listener, end))),
            // The lines of the last steps.
            () = &mut end => (listener.rest(), None),
        };
        Some((Ok::<_, Infallible>(text), next))
    });
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(lines)))
}
