//! Requests that two servers could read differently, as raw bytes: a part gets one request for each, or none.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::run::front::Page;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::TestFront;

/// A server that stands in for all parts. It keeps each request with its body, byte by byte.
#[derive(Clone, Default)]
struct RawPart(Arc<Mutex<Vec<String>>>);

impl RawPart {
    async fn start() -> (Self, SocketAddr) {
        let (listener, url) = runtime::testing::listen().await;
        let part = Self::default();
        let serving = part.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (part, super::address(&url))
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        loop {
            while let Some(length) = first_request(&bytes) {
                let request: Vec<u8> = bytes.drain(..length).collect();
                self.0.lock().unwrap().push(String::from_utf8(request).unwrap().to_ascii_lowercase());
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.ok();
            }
            if stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
                continue;
            }
            return;
        }
    }

    /// The requests that came, which are then forgotten.
    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// The bytes of the first request, once all are there. This part believes in chunks first.
fn first_request(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let head = text.find("\r\n\r\n")? + 4;
    if text[..head].contains("\r\ntransfer-encoding: chunked\r\n") {
        return text[head..].find("0\r\n\r\n").map(|end| head + end + 5);
    }
    let length = text[..head].split("\r\ncontent-length: ").nth(1);
    let length: usize = length.map_or(0, |length| length.split("\r\n").next().unwrap().parse().unwrap());
    (bytes.len() >= head + length).then_some(head + length)
}

/// Sends the bytes; returns the status of the answer, 0 if the connection ended without one.
async fn send(client: &mut TcpStream, bytes: &str) -> u16 {
    // The front door may close before it has read all.
    client.write_all(bytes.as_bytes()).await.ok();
    let mut answer = Vec::new();
    let reading = async {
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            if client.read_buf(&mut answer).await.unwrap_or(0) == 0 {
                break;
            }
        }
    };
    timeout(Duration::from_secs(10), reading).await.expect("an answer or the end of the connection");
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
}

const POST: &str = "POST /api/events HTTP/1.1\r\nhost: localhost\r\n";
/// What an attacker wants to be read as a request of its own.
const HIDDEN: &str = "GET /api/inbox?hidden HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn front() -> (RawPart, TestFront) {
    let (part, address) = RawPart::start().await;
    (part, TestFront::open(address, Page::None).await)
}

async fn connect(front: &TestFront) -> TcpStream {
    TcpStream::connect(("127.0.0.1", front.open.port())).await.unwrap()
}

/// After a request, another client's comes alone and whole: nothing was left on the way to the part.
async fn next_is_alone(part: &RawPart, front: &TestFront, what: &str) {
    assert_eq!(send(&mut connect(front).await, "GET /api/mails?next HTTP/1.1\r\nhost: localhost\r\n\r\n").await, 200);
    let seen = part.seen();
    assert!(matches!(&seen[..], [next] if next.starts_with("get /api/mails?next http/1.1\r\n")), "{what}: {seen:?}");
}

#[tokio::test]
async fn an_ambiguous_request_is_refused_and_no_part_gets_it() {
    let (part, front) = front().await;
    let after = |head: &str| format!("{POST}{head}\r\n\r\n{HIDDEN}");
    for head in [
        "content-length: 4\r\ncontent-length: 5",
        "content-length: 4, 5",
        "content-length: +4",
        "content-length: -4",
        "content-length: 0x4",
        "content-length: 99999999999999999999",
        "content-length : 4",
        "content-length\t: 4",
        "transfer-encoding : chunked",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: identity",
        "transfer-encoding: \u{b}chunked",
        "x-folded: a\r\n content-length: 4",
        " content-length: 4",
        "x-nul: a\0b",
        "x-cr: a\rcontent-length: 4",
        "no colon",
        ": no name",
    ] {
        let status = send(&mut connect(&front).await, &after(head)).await;
        assert_eq!((status, part.seen()), (400, Vec::new()), "{head:?}");
        next_is_alone(&part, &front, head).await;
    }
    let chunked_in_1_0 = after("transfer-encoding: chunked").replace("HTTP/1.1\r\nhost", "HTTP/1.0\r\nhost");
    assert_eq!(send(&mut connect(&front).await, &chunked_in_1_0).await, 400);
    next_is_alone(&part, &front, "chunks in HTTP/1.0").await;
}

#[tokio::test]
async fn a_body_in_broken_chunks_never_becomes_a_request() {
    let (part, front) = front().await;
    for chunks in [
        "zz\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc0\r\n\r\n",
        "3\nabc\n0\n\n",
        "\r\n3\r\nabc\r\n0\r\n\r\n",
    ] {
        let request = format!("{POST}transfer-encoding: chunked\r\n\r\n{chunks}{HIDDEN}");
        let status = send(&mut connect(&front).await, &request).await;
        assert_eq!((status, part.seen()), (400, Vec::new()), "{chunks:?}");
        next_is_alone(&part, &front, chunks).await;
    }
}

/// The request that the part has got, without what the front door adds.
async fn passed(part: &RawPart, front: &TestFront, request: &str) -> String {
    assert_eq!(send(&mut connect(front).await, request).await, 200, "{request:?}");
    let mut seen = part.seen();
    let passed = seen.pop().unwrap();
    assert_eq!(seen, Vec::<String>::new(), "one request only: {request:?}");
    next_is_alone(part, front, request).await;
    passed
}

#[tokio::test]
async fn a_request_that_is_passed_on_has_one_length() {
    let (part, front) = front().await;
    for head in [
        "content-length: 3\r\ntransfer-encoding: chunked\r\nconnection: close",
        "transfer-encoding: chunked\r\ncontent-length: 300\r\nconnection: close",
        "transfer-encoding: chunked\r\nconnection: close, content-length",
    ] {
        let seen = passed(&part, &front, &format!("{POST}{head}\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")).await;
        assert!(!seen.contains("content-length"), "{seen:?}");
        assert!(seen.ends_with("\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"), "{seen:?}");
    }
    let twice = passed(&part, &front, &format!("{POST}content-length: 3\r\ncontent-length: 3\r\n\r\nabc")).await;
    assert_eq!(twice.matches("content-length").count(), 1, "{twice:?}");
    let hidden = passed(&part, &front, &format!("{POST}content-length: {}\r\n\r\n{HIDDEN}", HIDDEN.len())).await;
    assert!(hidden.ends_with(&HIDDEN.to_ascii_lowercase()), "it is a body: {hidden:?}");
}

#[tokio::test]
async fn what_belongs_to_one_connection_goes_no_further() {
    let (part, front) = front().await;
    let trailers = "transfer-encoding: chunked\r\ntrailer: x-forwarded-for\r\n\r\n3\r\nabc\r\n0\r\nx-forwarded-for: 6.6.6.6\r\n\r\n";
    let seen = passed(&part, &front, &format!("{POST}{trailers}")).await;
    assert!(!seen.contains("6.6.6.6") && !seen.contains("trailer"), "{seen:?}");

    let settings = "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n";
    let seen = passed(&part, &front, &format!("GET /api/mails HTTP/1.1\r\nhost: localhost\r\n{settings}\r\n")).await;
    assert!(!seen.contains("upgrade") && !seen.contains("http2-settings"), "{seen:?}");

    let claims = "x-forwarded-for: 6.6.6.6\r\nforwarded: for=6.6.6.6\r\nx-real-ip: 6.6.6.6\r\n";
    let seen = passed(&part, &front, &format!("GET /api/mails HTTP/1.1\r\nhost: localhost\r\n{claims}\r\n")).await;
    assert!(seen.contains("\r\nx-forwarded-for: 127.0.0.1\r\n") && !seen.contains("6.6.6.6"), "{seen:?}");

    let line_feeds = passed(&part, &front, "GET /api/mails?lf HTTP/1.1\nhost: localhost\n\n").await;
    assert!(line_feeds.starts_with("get /api/mails?lf http/1.1\r\n") && !line_feeds.replace("\r\n", "").contains('\n'));
}

#[tokio::test]
async fn another_host_is_refused_wherever_the_request_names_it() {
    let (part, front) = front().await;
    for head in [
        "GET http://evil.example/api/mails HTTP/1.1\r\nhost: localhost",
        "GET http://evil.example/api/mails HTTP/1.1\r\nhost: evil.example",
        "GET http://localhost/api/mails HTTP/1.1\r\nhost: evil.example",
        "GET /api/mails HTTP/1.1\r\nhost: localhost\r\nhost: evil.example",
        "GET /api/mails HTTP/1.1\r\nhost: localhost@evil.example",
        "GET /api/mails HTTP/1.1",
    ] {
        let status = send(&mut connect(&front).await, &format!("{head}\r\n\r\n")).await;
        assert!(matches!(status, 400 | 421), "{head:?}: {status}");
        assert_eq!(part.seen(), Vec::<String>::new(), "{head:?}");
    }
    let seen = passed(&part, &front, "GET http://localhost/api/mails HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(seen.starts_with("get /api/mails http/1.1\r\n"), "{seen:?}");
    let status = send(&mut connect(&front).await, "CONNECT evil.example:443 HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!((400..500).contains(&status), "{status}");
    assert_eq!(part.seen(), Vec::<String>::new());
}
