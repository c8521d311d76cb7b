//! The rest of a body that a handler has not read: the connection reads it before the answer goes out.
//!
//! An earlier answer would close the connection while bytes still arrive, and the sender could lose the answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::time::timeout;

/// How long the rest of a body may take, and the longest pause of its sender.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(1);

/// A body that goes back to its owner if it is dropped before its end.
struct Lent {
    body: Option<Incoming>,
    /// Whether the sender waits for `100 Continue`, which the first read causes.
    is_awaited: bool,
    /// None from the end of the body on.
    owner: Option<oneshot::Sender<Incoming>>,
}

/// The part of a body that the handler has not read.
pub(super) struct Rest(oneshot::Receiver<Incoming>);

/// The body for the handler, and its rest. A sender that waits for `100 Continue` sends no rest before it.
pub(super) fn lend(body: Incoming, headers: &HeaderMap) -> (Body, Rest) {
    let (owner, rest) = oneshot::channel();
    let owner = (!body.is_end_stream()).then_some(owner);
    (Body::new(Lent { body: Some(body), is_awaited: headers.contains_key(header::EXPECT), owner }), Rest(rest))
}

impl Rest {
    /// Lets the rest come without keeping it, until its sender pauses. `while_idle` is called first if there is a rest.
    pub(super) async fn drain(mut self, while_idle: impl FnOnce()) {
        let left = match self.0.try_recv() {
            Err(TryRecvError::Closed) => return,
            left => left.ok(),
        };
        while_idle();
        let all = async {
            // A proxy may still pass the body on after it has its answer.
            let left = if left.is_some() { left } else { self.0.await.ok() };
            let Some(mut body) = left else { return };
            while let Ok(Some(Ok(_))) = timeout(PAUSE, poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))).await {}
        };
        timeout(PATIENCE, all).await.ok();
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.is_awaited = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
        if body.is_end_stream() || !matches!(frame, Some(Ok(_))) {
            self.owner = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(owner), false) = (self.body.take(), self.owner.take(), self.is_awaited) {
            // The connection may have ended.
            drop(owner.send(body));
        }
    }
}
