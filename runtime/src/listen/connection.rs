//! One connection, and whether it is busy with a request.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::lent_body;

/// The most buffered bytes of a head, or of a body between two reads.
const BUFFER_BYTES: usize = 64 << 10;

/// One connection, as the accept loop sees it.
pub(super) struct Connection {
    state: Mutex<State>,
    close: CancellationToken,
    freed: Arc<Notify>,
}

struct State {
    requests: usize,
    since: Instant,
}

impl Connection {
    pub(super) fn new(close: CancellationToken, freed: Arc<Notify>) -> Self {
        Self { state: Mutex::new(State { requests: 0, since: Instant::now() }), close, freed }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The beginning of the idle time; none if the connection is busy or is being closed.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.requests == 0 && !self.close.is_cancelled()).then_some(state.since)
    }

    /// Whether it is being closed and is not busy.
    pub(super) fn is_about_to_end(&self) -> bool {
        self.close.is_cancelled() && self.state().requests == 0
    }

    /// Ends the connection: at once if it is idle, else after its request.
    pub(super) fn close(&self) {
        self.close.cancel();
    }

    /// Serves until the client disconnects, exceeds a limit, or [`close`](Self::close) is called.
    pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        self: Arc<Self>,
        stream: S,
        peer: SocketAddr,
        router: Router,
        head: Duration,
    ) {
        let service = service_fn(|request: Request<Incoming>| {
            let under_way = UnderWay::begin(self.clone());
            let (head, body) = request.into_parts();
            let (body, rest) = lent_body::lend(body, &head.headers);
            let mut request = Request::from_parts(head, body);
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request);
            async {
                let answer = answer.await?;
                let mut under_way = Some(under_way);
                // A connection that only waits for the rest of a body gives way to others, as an idle one does.
                rest.drain(|| under_way = None).await;
                let under_way = under_way.unwrap_or_else(|| UnderWay::begin(self.clone()));
                Ok::<_, Infallible>(answer.map(|body| Answer { body, _under_way: under_way }))
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(BUFFER_BYTES);
        let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // A request that has arrived is answered first.
            biased;
            _ = serving.as_mut() => return,
            () = self.close.cancelled() => (),
        }
        // Hyper would wait for the rest of a head that has begun.
        if self.state().requests > 0 {
            serving.as_mut().graceful_shutdown();
            // An error of the connection is of no interest here.
            serving.await.ok();
        }
    }
}

/// A request whose answer has not ended, or a write that waits for the client.
pub(super) struct UnderWay(Arc<Connection>);

impl UnderWay {
    pub(super) fn begin(connection: Arc<Connection>) -> Self {
        connection.state().requests += 1;
        Self(connection)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.requests -= 1;
        state.since = Instant::now();
        self.0.freed.notify_one();
    }
}

/// The body of an answer. Its request is under way until it is dropped; after that the stream shows whether the client
/// takes the last bytes.
struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
