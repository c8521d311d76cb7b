//! Senders that are slow, or stop in the middle of a body, do not block others.

use std::time::Duration;

use domain::api::MAX_BODY_BYTES;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::{Backend, event, reply};

/// Begins a body of the largest size and sends this much of it, then single bytes for as long as it can.
async fn send_slowly(address: String, first: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/events?route=http-poll HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/cloudevents-batch+json\r\ncontent-length: {MAX_BODY_BYTES}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; first]).await.ok();
    while stream.write_all(b" ").await.is_ok() {
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_of_large_bodies_do_not_block_others() {
    for (senders, first) in [(8, 0), (64, 0), (8, MAX_BODY_BYTES - 1000), (64, MAX_BODY_BYTES / 2)] {
        let backend = Backend::start(&[]).await;
        let address = backend.url.trim_start_matches("http://").to_owned();
        let slow: Vec<_> = (0..senders).map(|_| tokio::spawn(send_slowly(address.clone(), first))).collect();
        // Long enough for all to begin, and for a measured speed.
        sleep(Duration::from_millis(500)).await;
        let mut large = event(1);
        large.data = serde_json::json!("x".repeat(10_000)).into();
        let posted = timeout(Duration::from_secs(2), backend.post("http-poll", &vec![large; 50])).await;
        reply(posted.unwrap_or_else(|_| panic!("{senders} slow senders that began with {first} bytes"))).await;
        slow.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
