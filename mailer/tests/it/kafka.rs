//! Requests over Kafka; poison among them. Needs ESE_TEST_BROKER.

use std::time::Duration;

use domain::mail_request::MailState;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::support::{Mailer, SmtpServer, request};

#[tokio::test]
async fn requests_are_taken_and_poison_does_not_stop_them() {
    let Some(broker) = runtime::testing::broker() else { return };
    let producer: FutureProducer = runtime::kafka::producer(&broker, Duration::from_secs(10)).create().unwrap();
    let smtp = SmtpServer::start().await;
    let group = format!("test-{}", uuid::Uuid::new_v4());
    let flags = ["--smtp-url", &smtp.url, "--kafka-brokers", &broker, "--kafka-group", &group];
    let mailer = Mailer::start(&flags).await;
    let topic = domain::topics::MAIL_TOPIC;
    runtime::kafka::make_topics(&broker, &[runtime::kafka::Topic::new(topic, 1)]).await;
    let send = async |payload: &[u8]| {
        let record = FutureRecord::<(), _>::to(topic).payload(payload);
        producer.send(record, Duration::from_secs(10)).await.unwrap();
    };
    let (first, second) = (request(), request());
    send(&serde_json::to_vec(&first).unwrap()).await;
    send(b"no request").await;
    send(&serde_json::to_vec(&first).unwrap()).await;
    send(&serde_json::to_vec(&second).unwrap()).await;
    mailer.until(second.id, MailState::Sent).await;
    mailer.until(first.id, MailState::Sent).await;
    let mails = smtp.mails.lock().unwrap();
    assert_eq!(mails.iter().filter(|mail| mail.contains(&first.id.to_string())).count(), 1);
}
