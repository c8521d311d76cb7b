//! The accept loop of every HTTP listener, bounded in connections and in the time that a connection may be idle.

mod connection;
mod lent_body;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use connection::Connection;
use stream::Stream;

/// How long our clients keep an idle connection: less than a listener does, so that no request arrives at a connection
/// that is being closed.
pub const CLIENT_IDLE: Duration = Duration::from_secs(15);

/// The pause after an error of the whole listener.
const PAUSE: Duration = Duration::from_secs(1);

/// The bounds of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long the head of a request may take to arrive, from the end of the request before.
    pub head: Duration,
    /// How long an answer may wait until the client reads more of it.
    pub write: Duration,
    /// How many connections may be open at once.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), write: Duration::from_secs(30), connections: 2048 }
    }
}

/// Serves `router` at `listener` until `stop`; returns when all running requests have ended.
///
/// Dropping the future closes all connections. At the limit the connection that has been idle for longest is closed for a
/// new one. If all are busy, the new one waits.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let mut open = Open { tasks: JoinSet::new(), connections: HashMap::new(), freed: Arc::default(), limits, stop };
    loop {
        let accepted = tokio::select! {
            () = open.stop.cancelled() => break,
            Some(ended) = open.tasks.join_next_with_id() => {
                open.forget(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                open.make_room().await;
                open.start(stream, peer, router.clone());
            }
            // The client has disconnected.
            Err(error) if is_of_one_connection(&error) => (),
            Err(error) => open.recover(&error).await,
        }
    }
    drop(listener);
    while open.tasks.join_next().await.is_some() {}
}

fn is_of_one_connection(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

/// The open connections.
struct Open {
    tasks: JoinSet<()>,
    connections: HashMap<Id, Arc<Connection>>,
    /// Notified when a connection becomes idle.
    freed: Arc<Notify>,
    limits: Limits,
    stop: CancellationToken,
}

impl Open {
    fn start(&mut self, stream: TcpStream, peer: SocketAddr, router: Router) {
        let connection = Arc::new(Connection::new(self.stop.child_token(), self.freed.clone()));
        // Without it small answers wait for acknowledgements. A failure only makes them slower.
        stream.set_nodelay(true).ok();
        let stream = Stream::new(stream, connection.clone(), self.limits.write);
        let task = self.tasks.spawn(connection.clone().serve(stream, peer, router, self.limits.head));
        self.connections.insert(task.id(), connection);
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.connections.remove(&id);
    }

    /// Waits until one more connection may be open.
    async fn make_room(&mut self) {
        while self.tasks.len() >= self.limits.connections && !self.stop.is_cancelled() {
            self.close_idle();
            self.change().await;
        }
    }

    /// Closes the connection that has been idle for longest, unless one is about to end. Returns false if none is idle.
    fn close_idle(&self) -> bool {
        if self.connections.values().any(|connection| connection.is_about_to_end()) {
            return true;
        }
        let idle = self.connections.values().filter_map(|connection| Some((connection.idle_since()?, connection)));
        let longest = idle.min_by_key(|(since, _)| *since);
        longest.inspect(|(_, connection)| connection.close()).is_some()
    }

    /// Waits until a connection has ended or become idle, or the listener stops.
    async fn change(&mut self) {
        tokio::select! {
            Some(ended) = self.tasks.join_next_with_id() => self.forget(ended),
            () = self.freed.notified() => (),
            () = self.stop.cancelled() => (),
        }
    }

    /// Makes room after an error such as "too many open files", and pauses.
    async fn recover(&mut self, error: &Error) {
        if !self.close_idle() {
            tracing::error!(error = error as &dyn std::error::Error, "no connection can be accepted");
        }
        // The next `accept` shows whether it has helped.
        timeout(PAUSE, self.change()).await.ok();
    }
}
