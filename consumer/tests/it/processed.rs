//! The stream of all processed events, for measurements.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::api::BATCH;
use domain::{Event, Route};
use futures_util::StreamExt;
use futures_util::future::join_all;
use runtime::clock;
use runtime::testing::until;
use sqlx::{AnyConnection, Connection, Executor};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::support::{Consumer, SESSION, event};

/// Listens until the stream ends; returns all lines.
async fn listen(consumer: &Consumer) -> JoinHandle<Vec<String>> {
    let answer = consumer.client.get(format!("{}/api/processed", consumer.url)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut stream = answer.bytes_stream();
    tokio::spawn(async move {
        let mut text = Vec::new();
        while let Some(bytes) = stream.next().await {
            text.extend(bytes.unwrap());
        }
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    })
}

fn events(from: u64, count: u64) -> Vec<Event> {
    (from..from + count).map(event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_has_one_line_at_thousands_of_events_a_second() {
    const SENDERS: u64 = 4;
    const BATCHES: u64 = 20;
    const SIZE: u64 = 250;
    let consumer = Consumer::start(&[]).await;
    let (mut batches, before) = (Vec::new(), clock::now());
    for sender in 0..SENDERS {
        batches.push((0..BATCHES).map(|batch| events((sender * BATCHES + batch) * SIZE + 1, SIZE)).collect::<Vec<_>>());
    }
    let (lines, began) = (listen(&consumer).await, Instant::now());
    join_all(batches.iter().map(async |batches| {
        for batch in batches {
            consumer.deliver(batch).await;
        }
    }))
    .await;
    eprintln!("{:.0} events/s", (SENDERS * BATCHES * SIZE) as f64 / began.elapsed().as_secs_f64());
    // A duplicate has no effect.
    consumer.deliver(&batches[0][0]).await;
    let mut unnumbered = event(1);
    (unnumbered.source, unnumbered.sequence) = ("/somewhere".parse().unwrap(), None);
    consumer.deliver(&[unnumbered]).await;
    // The stop is right after the last commit, and no line is missing.
    consumer.stop().await;

    let (mut numbers, after) = (BTreeMap::<u64, u32>::new(), clock::now());
    let mut lines = lines.await.unwrap();
    let last = lines.pop().unwrap();
    assert!(last.starts_with("- - http-push "), "{last}");
    for line in lines {
        let fields: Vec<&str> = line.split(' ').collect();
        assert_eq!((fields[0], fields[2], fields.len()), (SESSION, Route::HttpPush.name(), 4), "{line}");
        assert!((before.micros()..=after.micros()).contains(&fields[3].parse().unwrap()), "{line}");
        *numbers.entry(fields[1].parse().unwrap()).or_default() += 1;
    }
    assert!(numbers.values().all(|times| *times == 1));
    assert!(numbers.into_keys().eq(1..=SENDERS * BATCHES * SIZE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_runs_at_the_stop_has_its_lines() {
    let consumer = Consumer::start(&[]).await;
    let lines = listen(&consumer).await;
    let database = format!("sqlite://{}/consumer.db", consumer.directory.path().display());
    let mut lock = AnyConnection::connect(&database).await.unwrap();
    // The step waits for this lock.
    lock.execute("BEGIN IMMEDIATE").await.unwrap();
    let request = consumer.client.post(format!("{}/api/deliveries", consumer.url)).header("content-type", BATCH);
    let request = request.body(serde_json::to_string(&events(1, 3)).unwrap());
    let delivery = tokio::spawn(async { request.send().await.unwrap().status().as_u16() });
    // Time for the request to arrive. If it came after the stop it would be refused.
    let moment = Duration::from_millis(500);
    tokio::time::sleep(moment).await;
    let unlock = async {
        tokio::time::sleep(moment).await;
        lock.execute("ROLLBACK").await.unwrap();
    };
    tokio::join!(consumer.stop(), unlock);
    assert_eq!((delivery.await.unwrap(), lines.await.unwrap().len()), (200, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_arriving_at_the_stop_has_its_lines() {
    let consumer = Consumer::start(&[]).await;
    let lines = listen(&consumer).await;
    let address = consumer.url.trim_start_matches("http://").to_owned();
    let body = serde_json::to_string(&events(1, 3)).unwrap();
    let head = format!(
        "POST /api/deliveries HTTP/1.1\r\nhost: localhost\r\ncontent-type: {BATCH}\r\ncontent-length: {}\r\n",
        body.len()
    );
    let mut delivery = BufReader::new(TcpStream::connect(&address).await.unwrap());
    delivery.write_all(format!("{head}expect: 100-continue\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    // The consumer asks for the body once it has begun to take the delivery.
    while !answer.ends_with("\r\n\r\n") {
        delivery.read_line(&mut answer).await.unwrap();
    }
    assert!(answer.starts_with("HTTP/1.1 100 "), "{answer}");
    let rest = async {
        until("the consumer is stopping", async || TcpStream::connect(&address).await.is_err()).await;
        delivery.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        delivery.read_line(&mut answer).await.unwrap();
        answer
    };
    let (_, answer) = tokio::join!(consumer.stop(), rest);
    assert_eq!((&*answer, lines.await.unwrap().len()), ("HTTP/1.1 200 OK\r\n", 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_listener_gets_the_number_of_the_lines_that_were_too_many_to_wait_for_it() {
    const BATCHES: u64 = 35;
    const SIZE: u64 = 1000;
    let consumer = Consumer::start(&[]).await;
    for batch in 0..BATCHES {
        consumer.deliver(&events(batch * SIZE + 1, SIZE)).await;
    }
    let lines = listen(&consumer).await;
    consumer.stop().await;
    let mut lines = lines.await.unwrap();
    let missed: u64 = lines.pop().unwrap().strip_prefix("lagged ").expect("lines are missing").parse().unwrap();
    assert!(missed > 0 && lines.len() as u64 + missed == BATCHES * SIZE, "{} lines, {missed} missed", lines.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_does_not_read_misses_lines_and_does_not_delay_the_step() {
    // More lines than the consumer keeps, and the system in its socket.
    const BATCHES: u64 = 110;
    const SIZE: u64 = 1000;
    let consumer = Consumer::start(&[]).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(consumer.url.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    // HTTP/1.0, so that the lines come without the lengths of chunks.
    stream.write_all(b"GET /api/processed HTTP/1.0\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    while lines.next_line().await.unwrap().is_some_and(|line| !line.is_empty()) {}

    // A step that waited for the listener would wait for ever.
    for batch in 0..BATCHES {
        let events = events(batch * SIZE + 1, SIZE);
        tokio::time::timeout(Duration::from_secs(20), consumer.deliver(&events)).await.expect("the step goes on");
    }
    let (mut read, mut missed) = (0, 0);
    while read + missed < BATCHES * SIZE {
        let next = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await;
        let line = next.unwrap_or_else(|_| panic!("{read} lines, {missed} missed")).unwrap().unwrap();
        match line.strip_prefix("lagged ") {
            Some(events) => missed += events.parse::<u64>().unwrap(),
            None => read += 1,
        }
    }
    assert!(missed > 0 && read + missed == BATCHES * SIZE, "{read} lines, {missed} missed");
    consumer.deliver(&events(BATCHES * SIZE + 1, 1)).await;
    let line = lines.next_line().await.unwrap().unwrap();
    assert!(line.contains(&format!(" {} http-push ", BATCHES * SIZE + 1)), "the stream goes on: {line}");
}
