//! `GET /api/live`: server-sent events; first a snapshot or the missed messages, then the new ones.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use runtime::problem::Refusal;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::state::AppState;
use crate::live::Rendered;

/// How often an idle stream sends a comment, to show that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

pub(super) async fn live(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let Ok(permit) = state.listeners.clone().try_acquire_owned() else {
        return Err(Refusal::unavailable("Too many pages are listening already.", Duration::from_secs(10)));
    };
    let last =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()?.strip_prefix(&state.live.run)?.parse().ok());
    let (receiver, missed, number) = state.live.listen(last);
    let first: Vec<Event> = match missed {
        Some(missed) => missed.into_iter().map(|message| event(&state, &message)).collect(),
        None => match state.stop.run_until_cancelled(snapshot(&state, number)).await {
            Some(snapshot) => vec![snapshot?],
            None => return Err(Refusal::unavailable("The consumer is stopping.", Duration::from_secs(1))),
        },
    };
    let stop = state.stop.clone();
    let stream = stream::iter(first).chain(rest(state, receiver, permit));
    let stream = stream.map(Ok).take_until(stop.cancelled_owned());
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The stream of one listener after its first messages.
fn rest(state: AppState, receiver: Receiver<Rendered>, permit: OwnedSemaphorePermit) -> impl Stream<Item = Event> {
    let rest = stream::unfold((state, receiver, permit), |(state, mut receiver, permit)| async move {
        let events = match receiver.recv().await {
            Ok(message) => vec![event(&state, &message)],
            // Too slow: messages are missing; the stream goes on from a snapshot. Without one it ends, and the page comes back.
            Err(RecvError::Lagged(_)) => {
                let (fresh, _, number) = state.live.listen(None);
                receiver = fresh;
                vec![Event::default().event("resync").data("null"), snapshot(&state, number).await.ok()?]
            }
            Err(RecvError::Closed) => return None,
        };
        Some((stream::iter(events), (state, receiver, permit)))
    });
    rest.flatten()
}

fn event(state: &AppState, message: &Rendered) -> Event {
    Event::default().id(format!("{}{}", state.live.run, message.number)).event(message.name).data(&*message.data)
}

async fn snapshot(state: &AppState, number: u64) -> Result<Event, Refusal> {
    let json = state.database.request(state.live.snapshot(&state.database)).await?;
    Ok(Event::default().id(format!("{}{number}", state.live.run)).event("snapshot").data(&*json))
}
