//! A member whose dead letters are refused in part, on librdkafka's own mock of a cluster.

use std::convert::Infallible;
use std::sync::Mutex;

use rdkafka::consumer::BaseConsumer;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::FutureRecord;
use rdkafka::types::RDKafkaRespErr;

use super::*;
use crate::kafka::{DebugLog, client, consumer, producer};
use crate::testing::until;

/// Takes every record for poison, and keeps the positions.
#[derive(Default)]
struct OnlyPoison(Mutex<BTreeMap<Partition, i64>>);

impl Processor for OnlyPoison {
    type Item = ();
    type Error = Infallible;

    async fn positions(&self, _: &[Partition]) -> Result<BTreeMap<Partition, i64>, Infallible> {
        Ok(self.0.lock().unwrap().clone())
    }

    fn parse(&self, _: &BorrowedMessage<'_>) -> Result<(), String> {
        Err("poison".to_owned())
    }

    async fn process(&self, _: Vec<()>, moves: &[Move]) -> Result<(), Infallible> {
        self.0.lock().unwrap().extend(moves.iter().map(|step| (step.partition.clone(), step.to)));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_was_written_is_not_written_again_while_another_one_fails() {
    let cluster = MockCluster::new(1).unwrap();
    let brokers = cluster.bootstrap_servers();
    for topic in ["first", "second", "first.dlq", "second.dlq"] {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    cluster.topic_error("second.dlq", RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).unwrap();
    let producer: Producer = producer(&brokers, Duration::from_secs(5)).create_with_context(DebugLog).unwrap();
    for topic in ["first", "second"] {
        let record = FutureRecord::to(topic).key("a key").payload("a value");
        producer.send(record, Duration::from_secs(5)).await.unwrap();
    }
    let questions: BaseConsumer = client(&brokers).create().unwrap();
    let letters = |topic| questions.fetch_watermarks(topic, 0, Duration::from_secs(5)).unwrap().1;
    let topics = vec!["first".to_owned(), "second".to_owned()];
    let follower = Follower::join(consumer(&brokers, "group", None), topics, producer, OnlyPoison::default()).unwrap();
    let stop = CancellationToken::new();
    let following = tokio::spawn(follower.run(stop.clone()));

    until("the first letter", async || letters("first.dlq") > 0).await;
    // Time for several tries.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(letters("first.dlq"), 1);
    cluster.topic_error("second.dlq", RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR).unwrap();
    until("the second letter", async || letters("second.dlq") > 0).await;
    assert_eq!((letters("first.dlq"), letters("second.dlq")), (1, 1));
    stop.cancel();
    following.await.unwrap().unwrap();
}
