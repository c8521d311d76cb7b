//! `ese dlq`: a dead letter is listed, sent again once, and then no longer listed. Needs ESE_TEST_BROKER.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::process::Command;
use std::time::Duration;

use rdkafka::Message;
use rdkafka::consumer::Consumer as _;
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use runtime::kafka::{Consumer, DebugLog, Producer, Topic, consumer, make_topics, next, producer};

fn dlq(what: &str, broker: &str) -> String {
    dlq_of(&[what, "--broker", broker])
}

fn dlq_of(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ese")).arg("dlq").args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_listed_and_sent_again_once() {
    let Some(broker) = runtime::testing::broker() else { return };
    let mut topics = Vec::new();
    for topic in ["click-events", "order-events", "mail-requests"] {
        let partitions = if topic == "mail-requests" { 1 } else { domain::topics::PARTITIONS };
        topics.extend([Topic::new(topic, partitions), Topic::dead_letters(topic)]);
    }
    make_topics(&broker, &topics).await;
    // Dead letters of other tests are sent again first.
    dlq("redrive", &broker);

    let value = format!("\u{1b}[31mletter {}", uuid::Uuid::now_v7());
    let notes = [
        ("dlq-topic", "order-events"),
        ("dlq-partition", "0"),
        ("dlq-offset", "7"),
        ("dlq-reason", "no JSON"),
        ("kept", "yes"),
    ];
    let headers = notes
        .into_iter()
        .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
    let sender: Producer = producer(&broker, Duration::from_secs(10)).create_with_context(DebugLog).unwrap();
    let record = FutureRecord::to("order-events.dlq").key("somebody").payload(&value).headers(headers);
    sender.send(record, Duration::from_secs(10)).await.unwrap();

    let listed = dlq("list", &broker);
    assert!(listed.contains("order-events/0/7  no JSON") && listed.contains("1 dead letters waiting"), "{listed}");
    assert!(!listed.contains('\u{1b}'), "a record must not control the terminal");
    assert!(dlq("redrive", &broker).contains("1 dead letters sent again"));
    assert!(dlq("list", &broker).contains("0 dead letters waiting"));

    let reader: Consumer = consumer(&broker, "dlq-test", None).create_with_context(DebugLog).unwrap();
    reader.subscribe(&["order-events"]).unwrap();
    let find = async {
        loop {
            let record = next(&reader).await.unwrap();
            if record.payload() == Some(value.as_bytes()) {
                let names: Vec<_> = record.headers().unwrap().iter().map(|header| header.key.to_owned()).collect();
                return (record.key().map(<[u8]>::to_vec), names);
            }
        }
    };
    let (key, names) = tokio::time::timeout(Duration::from_secs(30), find).await.expect("it is back in its topic");
    assert_eq!((key.as_deref(), names), (Some(&b"somebody"[..]), vec!["kept".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_letters_of_every_partition_are_found_under_the_users_names() {
    let Some(broker) = runtime::testing::broker() else { return };
    let topic = format!("dlq-{}", uuid::Uuid::now_v7());
    let custom = format!("{topic}-custom");
    let dead_letters = Topic { partitions: 3, ..Topic::dead_letters(&topic) };
    let of_custom = Topic::dead_letters(&custom);
    make_topics(&broker, &[Topic::new(&topic, 1), Topic::new(&custom, 1), dead_letters.clone(), of_custom.clone()])
        .await;
    let sender: Producer = producer(&broker, Duration::from_secs(10)).create_with_context(DebugLog).unwrap();
    for (dead_letters, topic, partition) in
        [(&dead_letters, &topic, 0), (&dead_letters, &topic, 2), (&dead_letters, &topic, 2), (&of_custom, &custom, 0)]
    {
        let note = Header { key: "dlq-topic", value: Some(topic.as_str()) };
        let record = FutureRecord::to(&dead_letters.name).partition(partition).key("k").payload("letter");
        sender.send(record.headers(OwnedHeaders::new().insert(note)), Duration::from_secs(10)).await.unwrap();
    }
    let settings = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(settings.path(), format!("bootstrap.servers={broker}\n")).unwrap();
    let file = settings.path().to_str().unwrap();
    // The mails' dead-letter topic does not exist, so there are none.
    let mails = format!("{topic}-mails");
    let place = ["--kafka-config-file", file, "--click-topic", &topic, "--order-topic", &topic, "--mail-topic", &mails];
    assert!(dlq_of(&[&["list"][..], &place[..]].concat()).contains("3 dead letters waiting"));
    let own = ["--event-types", "com.example.*", "--custom-topic", &custom];
    let run = |what| dlq_of(&[&[what][..], &place[..], &own[..]].concat());
    assert!(run("list").contains("4 dead letters waiting"));
    assert!(run("redrive").contains("4 dead letters sent again"));
    assert!(run("list").contains("0 dead letters waiting"));
}

#[test]
fn without_brokers_or_with_a_bad_setting_the_command_line_is_wrong() {
    for (args, text) in [
        (&["list"][..], "give --broker HOST:PORT"),
        (&["list", "--broker", "a:1", "--kafka-config", "acks=0"][..], "`acks` must stay `all`"),
    ] {
        let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
        let output = ese.arg("dlq").args(args).env_remove("ESE_KAFKA_BROKERS").output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(64) && errors.contains(text), "{errors}");
    }
}
