//! The report alone, then with librdkafka: its mock broker, and no broker.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use futures_util::FutureExt;
use rdkafka::error::RDKafkaErrorCode::{MessageSizeTooLarge, MessageTimedOut};
use rdkafka::mocking::MockCluster;

use super::*;
use crate::kafka;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Counts the wakes of a waiter.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A report of three records under way.
fn three() -> (Arc<Report>, [UnderWay; 3]) {
    let report = Report::new(3);
    let records = std::array::from_fn(|_| report.begin());
    (report, records)
}

fn at(offset: i64) -> Delivery {
    Ok(Place { partition: 0, offset })
}

fn timed_out() -> Delivery {
    Err(KafkaError::MessageProduction(MessageTimedOut))
}

#[test]
fn the_last_report_wakes_the_waiter_once() {
    let (report, [first, second, third]) = three();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut context = Context::from_waker(&waker);
    let mut waiter = pin!(report.deliveries());
    assert!(waiter.as_mut().poll(&mut context).is_pending());
    third.end(at(1));
    first.end(timed_out());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 0, "one record is not reported yet");
    assert!(waiter.as_mut().poll(&mut context).is_pending());
    second.end(at(0));
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    assert_eq!(waiter.now_or_never(), Some(vec![timed_out(), at(0), at(1)]), "in the order of the records");
}

#[test]
fn reports_before_the_last_record_do_not_complete_the_batch() {
    let report = Report::new(1);
    report.begin().end(at(0));
    let second = report.begin();
    let mut waiter = pin!(report.deliveries());
    assert_eq!(waiter.as_mut().now_or_never(), None);
    second.end(at(1));
    assert_eq!(waiter.now_or_never(), Some(vec![at(0), at(1)]));
    assert_eq!(Report::new(0).deliveries().now_or_never(), Some(vec![]), "nothing is waited for");
}

#[test]
fn a_report_without_a_waiter_ends_with_its_last_record() {
    let (report, [first, second, third]) = three();
    assert_eq!(report.deliveries().now_or_never(), None, "the waiter comes and goes");
    let weak = Arc::downgrade(&report);
    drop(report);
    first.end(at(0));
    second.end(at(1));
    assert_eq!(weak.strong_count(), 1);
    third.end(at(2));
    assert_eq!(weak.strong_count(), 0);
}

#[tokio::test]
async fn each_record_has_its_own_delivery() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("topic", 1, 1).unwrap();
    let producer = BatchProducer::start(&kafka::producer(&cluster.bootstrap_servers(), TIMEOUT)).unwrap();
    let too_large = "x".repeat(2_000_000);
    let batch = producer.batch(3);
    for value in ["first", too_large.as_str(), "last"] {
        batch.send(BaseRecord::to("topic").key("key").payload(value));
    }
    let deliveries = batch.deliveries().await;
    assert_eq!(deliveries, [at(0), Err(KafkaError::MessageProduction(MessageSizeTooLarge)), at(1)]);
    assert_eq!(producer.fatal_error(), None);
    let batch = producer.batch(1);
    batch.send(BaseRecord::to("topic").key("key").payload("nobody waits"));
    drop(batch);
    let flushed = tokio::task::spawn_blocking(move || producer.flush(TIMEOUT));
    flushed.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_a_broker_each_record_times_out() {
    let settings = kafka::producer("127.0.0.1:9", Duration::from_millis(100));
    let producer = BatchProducer::start(&settings).unwrap();
    let batch = producer.batch(2);
    for value in ["first", "last"] {
        batch.send(BaseRecord::to("topic").key("key").payload(value));
    }
    assert_eq!(batch.deliveries().await, [timed_out(), timed_out()]);
}
