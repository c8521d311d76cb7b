//! Two consumers on PostgreSQL, with the store in SQLite and the reverse.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::api::faults::FaultRequest;
use domain::{Route, SessionId};
use futures_util::StreamExt;
use futures_util::future::join_all;
use lab::run::stack::{Config, DatabaseKind, Stack};
use runtime::testing::until;

use crate::Real;
use crate::client::Client;

/// An event's session, number and route.
type Key = (SessionId, u64, Route);

/// The lines of a consumer as they come, all of them from now on.
async fn listen(consumer: SocketAddr) -> Arc<Mutex<Vec<Key>>> {
    let answer = reqwest::get(format!("http://{consumer}/api/processed")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let (lines, mut stream) = (Arc::<Mutex<Vec<Key>>>::default(), answer.bytes_stream());
    let into = lines.clone();
    tokio::spawn(async move {
        let mut text = String::new();
        while let Some(Ok(bytes)) = stream.next().await {
            text += std::str::from_utf8(&bytes).unwrap();
            while let Some(end) = text.find('\n') {
                let line: String = text.drain(..=end).collect();
                let fields: Vec<&str> = line.trim_end().split(' ').collect();
                let [session, number, route, at] = fields[..] else { panic!("{line}") };
                at.parse::<i64>().unwrap();
                into.lock().unwrap().push((session.parse().unwrap(), number.parse().unwrap(), route.parse().unwrap()));
            }
        }
    });
    lines
}

fn on_kafka(lines: &Mutex<Vec<Key>>) -> usize {
    lines.lock().unwrap().iter().filter(|(_, _, route)| *route == Route::Kafka).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_two_consumers_has_one_line_and_a_consumer_leaves_and_joins() {
    const SENDERS: u8 = 6;
    const EVENTS: u64 = 500;
    const SIZE: u64 = 50;
    let two_databases = |config: Config| {
        let store_database = Some(DatabaseKind::Sqlite);
        Config { database: DatabaseKind::Postgres, store_database, consumers: 2, ..config }
    };
    let Some(real) = Real::start(two_databases).await else { return };
    let (stack, data) = (&real.stack, real.data.path());
    assert!(data.join("store.db").exists() && !data.join("mailer.db").exists());
    let senders: Vec<Client> = (1..=SENDERS).map(|number| Client::new(stack, number)).collect();
    let &[first, second] = stack.consumer_addresses() else { panic!("two consumers") };
    let (of_first, of_second) = (listen(first).await, listen(second).await);
    let began = Instant::now();
    join_all(senders.iter().map(async |sender| {
        for from in (1..EVENTS).step_by(SIZE as usize) {
            join_all(Route::ALL.map(|route| sender.deliver(route, from..=from + SIZE - 1))).await;
        }
    }))
    .await;
    let all = u64::from(SENDERS) * EVENTS * 3;
    let lines = || [of_first.lock().unwrap().clone(), of_second.lock().unwrap().clone()].concat();
    until("every event has a line", async || lines().len() as u64 >= all).await;
    eprintln!(
        "{:.0} events/s, {} of them by the second",
        all as f64 / began.elapsed().as_secs_f64(),
        on_kafka(&of_second)
    );
    let mut times = BTreeMap::<Key, u32>::new();
    lines().into_iter().for_each(|key| *times.entry(key).or_default() += 1);
    assert!(times.len() as u64 == all && times.values().all(|times| *times == 1), "an event has no line, or two");

    // The consumers' database is away, and the store is not.
    let postgres = stack.faults().start(FaultRequest::new("kill", "postgres")).await.unwrap();
    let sent = join_all(Route::ALL.map(|route| senders[0].send(route, EVENTS + 1..=EVENTS + 1))).await;
    assert_eq!(sent, [0, 1, 1], "http-push is refused");
    stack.faults().stop(postgres.id).await.unwrap();
    for route in Route::ALL {
        senders[0].deliver(route, EVENTS + 1..=EVENTS + 1).await;
        senders[0].until_processed(route, EVENTS + 1).await;
    }

    let gone = stack.faults().start(FaultRequest::new("stop", "consumer-2")).await.unwrap();
    let left = Instant::now();
    for sender in &senders {
        sender.deliver(Route::Kafka, EVENTS + 2..=EVENTS + 2).await;
    }
    let processed =
        |lines: &Mutex<Vec<Key>>| lines.lock().unwrap().iter().filter(|(_, of, _)| *of == EVENTS + 2).count();
    until("the first has all partitions", async || processed(&of_first) == usize::from(SENDERS)).await;
    eprintln!("taken over after {:.1} s", left.elapsed().as_secs_f32());
    assert!(left.elapsed() < Duration::from_secs(6), "a consumer that is killed is missed no earlier");
    stack.faults().stop(gone.id).await.unwrap();
    stack.until_ready("consumer-2", Duration::from_secs(30)).await.unwrap();
    let (of_second, mut number) = (listen(second).await, EVENTS + 2);
    until("the second has joined", async || {
        number += 1;
        for sender in &senders {
            sender.deliver(Route::Kafka, number..=number).await;
        }
        on_kafka(&of_second) > 0
    })
    .await;
    for sender in &senders[1..] {
        sender.until_processed(Route::Kafka, number - 1).await;
    }
    real.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_on_postgres_while_the_others_have_files() {
    let store_elsewhere =
        |config: Config| Config { brokers: 0, store_database: Some(DatabaseKind::Postgres), ..config };
    let Some(real) = Real::start(store_elsewhere).await else { return };
    let (stack, data) = (&real.stack, real.data.path());
    assert!(data.join("consumer.db").exists() && !data.join("store.db").exists());
    let sender = Client::new(stack, 1);
    for route in [Route::HttpPush, Route::HttpPoll] {
        sender.deliver(route, 1..=5).await;
        sender.until_processed(route, 5).await;
    }
    let kill = stack.faults().descriptions().iter().find(|of| of.kind == "kill" && of.target == "postgres").unwrap();
    assert!(kill.expect[Route::HttpPush] == "No effect." && kill.expect[Route::HttpPoll].contains("503"), "{kill:?}");
    stack.faults().start(FaultRequest::new("kill", "postgres")).await.unwrap();
    assert_eq!(sender.send(Route::HttpPoll, 6..=6).await, 0);
    assert_eq!(sender.send(Route::HttpPush, 6..=6).await, 1);
    stack.faults().restore().await.unwrap();
    sender.deliver(Route::HttpPoll, 6..=6).await;
    sender.until_processed(Route::HttpPoll, 6).await;
    real.stack.stop().await;

    let refused = Stack::start(Config { store_database: None, ..real.config }).await.err().unwrap().to_string();
    assert!(refused.contains("http-poll's store in PostgreSQL"), "{refused}");
}
