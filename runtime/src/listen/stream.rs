//! The stream of a connection: a client that does not read for too long ends it.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::connection::{Connection, UnderWay};

/// A TCP stream whose connection is busy while the client does not take what was written.
pub(super) struct Stream {
    tcp: TcpStream,
    connection: Arc<Connection>,
    /// How long one write may wait for the client.
    longest: Duration,
    /// The end of the wait of the present write.
    stalled: Option<(Pin<Box<Sleep>>, UnderWay)>,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, connection: Arc<Connection>, longest: Duration) -> Self {
        Self { tcp, connection, longest, stalled: None }
    }

    /// Passes the result of a write on, unless the write has waited for too long.
    fn written(&mut self, cx: &mut Context<'_>, result: Poll<Result<usize>>) -> Poll<Result<usize>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let begin = || (Box::pin(sleep(self.longest)), UnderWay::begin(self.connection.clone()));
        let (end, _) = self.stalled.get_or_insert_with(begin);
        ready!(end.as_mut().poll(cx));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client does not read")))
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let result = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let result = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
