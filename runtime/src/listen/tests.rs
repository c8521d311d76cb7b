//! Idle, half-read, streaming and too many connections, over real sockets.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;

const TIMEOUT: Duration = Duration::from_secs(5);
/// The bytes of an answer that no socket buffers.
const LARGE: usize = 64 << 20;

/// A running listener, and a stream whose pieces the test sends.
struct TestServer {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    pieces: mpsc::UnboundedSender<&'static str>,
}

impl TestServer {
    async fn start(head_ms: u64, connections: usize) -> Self {
        let head = Duration::from_millis(head_ms);
        Self::with(Limits { head, connections, ..Limits::default() }).await
    }

    async fn with(limits: Limits) -> Self {
        let (pieces, given) = mpsc::unbounded_channel::<&'static str>();
        let given = Arc::new(tokio::sync::Mutex::new(given));
        let stream = move || async move {
            let given = given.lock_owned().await;
            Body::from_stream(futures_util::stream::unfold(given, async |mut given| {
                let piece = given.recv().await?;
                Some((Ok::<_, std::convert::Infallible>(piece), given))
            }))
        };
        let router = Router::new()
            .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
            .route("/large", get(|| async { vec![b'x'; LARGE] }))
            .route(
                "/endless",
                get(|| async {
                    Body::from_stream(futures_util::stream::repeat(Ok::<_, std::convert::Infallible>("x")))
                }),
            )
            .route("/unread", post(|| async { "nobody read it" }))
            .route("/stream", get(stream));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let serving = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Self { address, stop, serving, pieces }
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until the received text contains `text`.
    async fn until(&mut self, text: &str) -> String {
        let mut come = String::new();
        let reading = async {
            while !come.contains(text) {
                let mut bytes = [0; 1024];
                let count = self.0.read(&mut bytes).await.unwrap();
                assert_ne!(count, 0, "closed after `{come}`");
                come += std::str::from_utf8(&bytes[..count]).unwrap();
            }
        };
        timeout(TIMEOUT, reading).await.unwrap();
        come
    }

    async fn get(&mut self) -> String {
        self.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        self.until("127.0.0.1").await
    }

    async fn until_closed(&mut self) {
        let mut rest = Vec::new();
        // A reset closes as well.
        drop(timeout(TIMEOUT, self.0.read_to_end(&mut rest)).await.expect("it is closed"));
    }
}

#[tokio::test]
async fn half_a_head_and_an_idle_connection_end_after_the_time_for_a_head() {
    let server = TestServer::start(300, 100).await;
    let (mut half, mut idle, mut silent) = (server.connect().await, server.connect().await, server.connect().await);
    half.send("GET / HTTP/1.1\r\nho").await;
    let answer = idle.get().await;
    assert!(answer.contains(&idle.0.local_addr().unwrap().to_string()), "{answer}");
    for client in [&mut half, &mut idle, &mut silent] {
        client.until_closed().await;
    }
}

#[tokio::test]
async fn a_stream_outlasts_the_time_for_a_head() {
    let server = TestServer::start(100, 100).await;
    let (mut stream, mut silent) = (server.connect().await, server.connect().await);
    stream.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    stream.until("200 OK").await;
    silent.until_closed().await;
    server.pieces.send("still here").unwrap();
    stream.until("still here").await;
}

#[tokio::test]
async fn the_connection_idle_for_longest_gives_way_and_a_stream_does_not() {
    let server = TestServer::start(60_000, 3).await;
    let mut stream = server.connect().await;
    stream.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    stream.until("200 OK").await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    first.get().await;
    second.get().await;
    first.get().await;
    server.connect().await.get().await;
    second.until_closed().await;
    first.get().await;
    server.pieces.send("still here").unwrap();
    stream.until("still here").await;
}

#[tokio::test]
async fn idle_connections_beyond_the_limit_do_not_block_a_new_client() {
    let server = TestServer::start(60_000, 8).await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        let mut client = server.connect().await;
        client.send("GET / HTTP/1.1\r\nho").await;
        idle.push(client);
    }
    server.connect().await.get().await;
}

#[tokio::test]
async fn a_new_connection_waits_while_all_others_are_busy() {
    let server = TestServer::start(60_000, 1).await;
    let mut stream = server.connect().await;
    stream.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    stream.until("200 OK").await;
    let mut waiting = server.connect().await;
    let mut asking = Box::pin(waiting.get());
    assert!(timeout(Duration::from_millis(200), &mut asking).await.is_err(), "it waits");
    drop(server.pieces);
    asking.await;
    stream.until_closed().await;
}

#[tokio::test]
async fn an_answer_that_the_client_still_reads_is_not_cut_for_a_new_connection() {
    let server = TestServer::start(60_000, 1).await;
    let mut slow = server.connect().await;
    slow.send("GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    slow.0.readable().await.unwrap();
    let mut waiting = server.connect().await;
    let mut asking = Box::pin(waiting.get());
    assert!(timeout(Duration::from_millis(200), &mut asking).await.is_err(), "it waits");
    let mut answer = Vec::new();
    timeout(TIMEOUT, slow.0.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.len() > LARGE, "{} bytes came", answer.len());
    asking.await;
}

#[tokio::test]
async fn a_client_that_never_reads_its_answer_gives_way() {
    let server =
        TestServer::with(Limits { write: Duration::from_millis(300), connections: 1, ..Limits::default() }).await;
    let mut silent = server.connect().await;
    silent.send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    silent.0.readable().await.unwrap();
    server.connect().await.get().await;
}

#[tokio::test]
async fn a_sender_of_a_body_that_nobody_reads_gets_its_answer_and_goes_on() {
    let server = TestServer::start(60_000, 100).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(&format!("POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: {LARGE}\r\n\r\n")).await;
        let piece = "x".repeat(LARGE / 16);
        for _ in 0..16 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            client.send(&piece).await;
        }
        client.until("nobody read it").await;
    }
    client.get().await;
}

#[tokio::test]
async fn a_sender_that_waits_for_a_sign_to_send_gets_its_answer_alone() {
    let server = TestServer::start(60_000, 100).await;
    let mut client = server.connect().await;
    client.send("POST /unread HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 7\r\n\r\n").await;
    let answer = client.until("nobody read it").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    client.until_closed().await;
}

#[tokio::test]
async fn a_sender_that_stops_within_its_body_is_answered_unless_another_needs_its_place() {
    let server = TestServer::start(60_000, 1).await;
    let half = "POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 700\r\n\r\nhalf";
    let mut client = server.connect().await;
    client.send(half).await;
    client.until("nobody read it").await;
    client.until_closed().await;
    let mut client = server.connect().await;
    client.send(half).await;
    let begin = std::time::Instant::now();
    // It never pauses for long, so its own time would be ten seconds.
    let slowly = async {
        while client.0.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let other = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.connect().await.get().await;
    };
    tokio::join!(slowly, other);
    assert!(begin.elapsed() < TIMEOUT, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_stop_ends_idle_connections_at_once_and_requests_after_their_answer() {
    let server = TestServer::start(60_000, 100).await;
    let (mut half, mut idle, mut stream) = (server.connect().await, server.connect().await, server.connect().await);
    half.send("GET / HTTP/1.1\r\nho").await;
    idle.get().await;
    stream.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    stream.until("200 OK").await;
    server.stop.cancel();
    half.until_closed().await;
    idle.until_closed().await;
    assert!(TcpStream::connect(server.address).await.is_err(), "the port is free");
    assert!(!server.serving.is_finished());
    server.pieces.send("the end").unwrap();
    stream.until("the end").await;
    drop(server.pieces);
    stream.until_closed().await;
    timeout(TIMEOUT, server.serving).await.unwrap().unwrap();
}
