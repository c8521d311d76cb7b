//! A connection between two parts that can be made slow, lossy or dead: a TCP proxy that runs only while it is needed.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::kinds::Kind;

/// The largest piece that is passed on at once, in bytes.
const PIECE: usize = 16 * 1024;
/// The pieces under way in one direction; past that the sender waits.
const PIECES: usize = 64;

/// The state of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Condition {
    /// Every piece arrives so much later, in milliseconds.
    pub(super) latency_ms: u32,
    /// And up to so much more, by chance, in milliseconds.
    pub(super) jitter_ms: u32,
    /// At most so many KiB a second in each direction; 0 is no limit.
    pub(super) kib_per_second: u32,
    /// Open connections are reset, and new ones too.
    pub(super) reset: bool,
    /// Nothing passes, and nothing is closed.
    pub(super) cut: bool,
}

impl Condition {
    /// Adds one fault.
    pub(super) fn add(&mut self, kind: Kind, parameters: &BTreeMap<String, u32>) {
        let value = |name: &str| parameters.get(name).copied().unwrap_or_default();
        match kind {
            Kind::Latency => (self.latency_ms, self.jitter_ms) = (value("latency_ms"), value("jitter_ms")),
            Kind::Bandwidth => self.kib_per_second = value("kib_per_second"),
            Kind::Reset => self.reset = true,
            Kind::Cut => self.cut = true,
            _ => {}
        }
    }

    /// The time that a piece of this size occupies the line.
    fn transfer(&self, bytes: usize) -> Duration {
        match self.kib_per_second {
            0 => Duration::ZERO,
            kib => Duration::from_secs_f64(bytes as f64 / (f64::from(kib) * 1024.0)),
        }
    }

    /// The time from one end of the line to the other.
    fn delay(&self) -> Duration {
        let jitter = if self.jitter_ms == 0 { 0 } else { rand::random_range(0..=self.jitter_ms) };
        Duration::from_millis((self.latency_ms + jitter).into())
    }
}

/// A connection from one part to another, or to each broker of a cluster.
pub struct Link {
    /// The name, `FROM-TO`.
    pub(super) name: &'static str,
    /// The part that connects; none if the front door does.
    pub(super) from: Option<&'static str>,
    /// The address that the part's arguments name, or several with commas.
    pub(super) direct: String,
    /// Each proxy, and where it connects to.
    pub(super) ways: Vec<(SocketAddr, SocketAddr)>,
    condition: watch::Sender<Condition>,
    is_open: AtomicBool,
    servers: Mutex<Vec<JoinHandle<()>>>,
}

impl Link {
    /// The connection `name` of the part `from`, which normally connects to `direct`. Each of the `ways` is a proxy, whose port
    /// must stay free, and where it connects to.
    pub fn new(
        name: &'static str,
        from: Option<&'static str>,
        direct: String,
        ways: Vec<(SocketAddr, SocketAddr)>,
    ) -> Self {
        let (condition, is_open, servers) = (watch::Sender::default(), AtomicBool::new(false), Mutex::default());
        Self { name, from, direct, ways, condition, is_open, servers }
    }

    /// Whether the proxies run.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// The addresses of the proxies, as an argument has them.
    pub(super) fn proxies(&self) -> String {
        self.ways.iter().map(|(proxy, _)| proxy.to_string()).collect::<Vec<_>>().join(",")
    }

    /// Where the front door connects now: to the first proxy if it runs, else past it.
    pub fn address(&self) -> Option<SocketAddr> {
        self.ways.first().map(|(proxy, upstream)| if self.is_open() { *proxy } else { *upstream })
    }

    /// Starts the proxies; returns false if they run already.
    pub(super) async fn open(&self) -> io::Result<bool> {
        if self.is_open() {
            return Ok(false);
        }
        let mut listeners = Vec::new();
        for (proxy, upstream) in &self.ways {
            listeners.push((TcpListener::bind(proxy).await?, *upstream));
        }
        let serve = |(listener, upstream)| tokio::spawn(serve(listener, upstream, self.condition.subscribe()));
        self.servers().extend(listeners.into_iter().map(serve));
        self.is_open.store(true, Ordering::Release);
        Ok(true)
    }

    /// Changes the state, which takes effect at once.
    pub(super) fn set(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }

    fn servers(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.servers().iter().for_each(JoinHandle::abort);
    }
}

async fn serve(listener: TcpListener, upstream: SocketAddr, condition: watch::Receiver<Condition>) {
    // A set of tasks: dropping it ends every connection.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else {
                    sleep(Duration::from_millis(100)).await;
                    continue;
                };
                connections.spawn(connection(client, upstream, condition.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(client: TcpStream, upstream: SocketAddr, condition: watch::Receiver<Condition>) {
    let passed = async {
        until_passable(&condition).await;
        let server = TcpStream::connect(upstream).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::try_join!(
            pass(from_client, to_server, condition.clone()),
            pass(from_server, to_client, condition.clone())
        )
    };
    let mut until_reset = condition.clone();
    tokio::select! {
        _ = passed => {}
        _ = until_reset.wait_for(|condition| condition.reset) => {}
    }
}

/// Passes bytes on in one direction, each piece when it is due.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut condition: watch::Receiver<Condition>,
) -> io::Result<()> {
    let (pieces, mut under_way) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    let read = async {
        let mut buffer = vec![0; PIECE];
        loop {
            let count = from.read(&mut buffer).await?;
            if count == 0 || pieces.send((Instant::now(), buffer[..count].to_vec())).await.is_err() {
                break;
            }
        }
        drop(pieces);
        Ok(())
    };
    let write = async {
        // The line is free again when the piece ahead is transferred; its latency does not occupy the line.
        let mut free = Instant::now();
        while let Some((sent, piece)) = under_way.recv().await {
            let begin = free.max(sent);
            // A change takes effect at once, also for the pieces under way.
            loop {
                let now = *condition.borrow_and_update();
                free = begin + now.transfer(piece.len());
                tokio::select! {
                    () = sleep_until(free + now.delay()) => break,
                    changed = condition.changed() => if changed.is_err() { break },
                }
            }
            until_passable(&condition).await;
            to.write_all(&piece).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(read, write).map(drop)
}

/// Waits while the cable is cut.
async fn until_passable(condition: &watch::Receiver<Condition>) {
    // An error means that the link is gone, and with it this connection.
    drop(condition.clone().wait_for(|condition| !condition.cut).await);
}

#[cfg(test)]
mod tests;
