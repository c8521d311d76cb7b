//! Slow senders and thousands of idle connections: others are answered as before.

use std::io::Write;
use std::time::Duration;

use lab::run::front::Page;
use runtime::testing::skipped;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::{TestFront, part};

const IDLE: u64 = 10_000;
/// Fewer connections do not reach the listener's bound, where the one idle for longest gives way.
const TOO_FEW: u64 = 2 * 2_048;
/// The files that the test needs beside the idle connections: the front door's ends, and all else.
const OTHER_FILES: u64 = 4_000;
/// Far more than any answer here takes on a busy machine.
const PROMPT: Duration = Duration::from_secs(5);

async fn connect(front: &TestFront) -> TcpStream {
    TcpStream::connect(("127.0.0.1", front.open.port())).await.unwrap()
}

async fn assert_prompt(front: &TestFront, meanwhile: &str) {
    let asked = Instant::now();
    let request = front.request(reqwest::Method::POST, "/api/events").body("12345").send();
    let answer = timeout(PROMPT, request).await.unwrap_or_else(|_| panic!("no answer beside {meanwhile}"));
    let seen: [Option<String>; 4] = answer.unwrap().json().await.unwrap();
    assert_eq!(seen[3].as_deref(), Some("5"), "beside {meanwhile}, after {:?}", asked.elapsed());
}

/// Sends byte by byte; returns the answer.
async fn send_slowly(mut client: TcpStream, request: String) -> String {
    client.set_nodelay(true).unwrap();
    for byte in request.as_bytes() {
        client.write_all(&[*byte]).await.unwrap();
        sleep(Duration::from_millis(3)).await;
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_are_served_and_delay_nobody() {
    let front = TestFront::open(part(None).await, Page::None).await;
    let head = "POST /api/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
    let body = "x".repeat(200);
    let chunks: String = body.chars().map(|char| format!("1\r\n{char}\r\n")).collect();
    let with_length = format!("{head}content-length: 200\r\n\r\n{body}");
    let in_chunks = format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    let mut slow = Vec::new();
    for request in [with_length, in_chunks].iter().cycle().take(200) {
        slow.push(tokio::spawn(send_slowly(connect(&front).await, request.clone())));
    }
    while slow.iter().any(|sender| !sender.is_finished()) {
        assert_prompt(&front, "200 slow senders").await;
        sleep(Duration::from_millis(50)).await;
    }
    for sender in slow {
        let answer = sender.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"200\""), "{answer}");
    }
}

/// How many connections this process may hold, at most [`IDLE`].
fn allowed() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(IDLE + OTHER_FILES, |most| most.min(IDLE + OTHER_FILES));
    if limit.current.is_some_and(|now| now < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).unwrap();
    }
    let allowed = wanted.saturating_sub(OTHER_FILES);
    if allowed < IDLE {
        // Not `eprintln!`: the test harness would capture it.
        let fewer = format!(
            "ONLY {allowed} of {IDLE} idle connections are tried: this process may open {wanted} files (ulimit -n -H)\n"
        );
        drop(std::io::stderr().write_all(fewer.as_bytes()));
    }
    allowed
}

#[tokio::test]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let count = allowed();
    if count < TOO_FEW {
        skipped(format_args!("{count} idle connections do not reach the listener's bound"));
        return;
    }
    let (sender, messages) = mpsc::unbounded_channel();
    let front = TestFront::open(part(Some(messages)).await, Page::None).await;
    let mut live = front.get("/api/live").await;
    let mut idle = Vec::new();
    for number in 0..count {
        let mut client = connect(&front).await;
        if number % 2 == 0 {
            // Half of a head. The front door may have closed it for a later one already.
            client.write_all(b"GET /api/mails HTTP/1.1\r\nho").await.ok();
        }
        idle.push(client);
        // Often enough that the kernel's queue of new connections has room for the next.
        if number % 250 == 0 {
            assert_prompt(&front, &format!("{number} idle connections")).await;
        }
    }
    assert_prompt(&front, &format!("{count} idle connections")).await;
    sender.send("still here".to_owned()).unwrap();
    let chunk = timeout(PROMPT, live.chunk()).await.unwrap().unwrap();
    assert_eq!(chunk.as_deref(), Some(&b"data: still here\n\n"[..]), "a stream is not idle");
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    assert!(open >= count, "the clients hold all their ends");
    assert!(open < count + OTHER_FILES, "{open} files: the front door holds a bounded number of connections");
}
