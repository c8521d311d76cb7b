//! The live stream: a snapshot first, then new messages; resumed without a gap.

use std::time::Duration;

use domain::api::{Processed, Snapshot};
use domain::rules::Alert;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::support::{Consumer, press};

/// One message of the stream.
#[derive(Debug)]
pub(crate) struct Message {
    id: String,
    event: String,
    pub(crate) data: String,
}

pub(crate) async fn listen(consumer: &Consumer, last: Option<&str>) -> BoxStream<'static, Message> {
    let mut request = consumer.client.get(format!("{}/api/live", consumer.url));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let lines = answer.bytes_stream().scan(String::new(), |rest, bytes| {
        rest.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        let mut messages = Vec::new();
        while let Some(end) = rest.find("\n\n") {
            let block: String = rest.drain(..end + 2).collect();
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
            messages.push(Message { id: field("id: "), event: field("event: "), data: field("data: ") });
        }
        std::future::ready(Some(futures_util::stream::iter(messages)))
    });
    lines.flatten().filter(|message| std::future::ready(!message.event.is_empty())).boxed()
}

pub(crate) async fn next(stream: &mut BoxStream<'static, Message>, event: &str) -> Message {
    let find = async {
        loop {
            let message = stream.next().await.expect("the stream goes on");
            if message.event == event {
                return message;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), find).await.unwrap_or_else(|_| panic!("no `{event}` came"))
}

#[tokio::test]
async fn a_page_gets_new_messages_and_resumes_after_its_last_one() {
    let consumer = Consumer::start(&[]).await;
    let mut stream = listen(&consumer, None).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first.event, "snapshot");
    let snapshot: Snapshot = serde_json::from_str(&first.data).unwrap();
    assert!(snapshot.events.is_empty());

    consumer.deliver(&[press(1), press(2), press(3)]).await;
    let alert: Alert = serde_json::from_str(&next(&mut stream, "alert").await.data).unwrap();
    let events: Vec<Processed> = serde_json::from_str(&next(&mut stream, "events").await.data).unwrap();
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    assert_eq!(events[2].alert, Some(alert.id));
    let hops = events[0].hops;
    assert!(hops.arrived <= hops.processed && hops.received.is_some());
    let last = next(&mut stream, "stats").await;
    drop(stream);

    consumer.deliver(&[press(4)]).await;
    let mut resumed = listen(&consumer, Some(&last.id)).await;
    let missed = resumed.next().await.unwrap();
    assert_ne!(missed.event, "snapshot", "the stream resumes");
    let mut unknown = listen(&consumer, Some("an-earlier-run-5")).await;
    assert_eq!(unknown.next().await.unwrap().event, "snapshot");
}

#[tokio::test]
async fn streams_end_when_the_consumer_stops() {
    let consumer = Consumer::start(&[]).await;
    let mut stream = listen(&consumer, None).await;
    assert_eq!(stream.next().await.unwrap().event, "snapshot");
    consumer.stop().await;
    tokio::time::timeout(Duration::from_secs(5), async { while stream.next().await.is_some() {} }).await.unwrap();
}
