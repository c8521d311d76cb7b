//! A broker with TLS that wants a login and gives each right by itself: what is refused and how, and what suffices.

mod fixture;

use std::fs;

use clap::Parser;
use domain::api::LedgerView;
use domain::{Route, SessionId};
use lab::run::broker::BrokerChoice;
use lab::run::stack::{Config, KafkaClients, Stack};
use runtime::kafka::{KafkaConfig, Topic, ensure_topics};
use runtime::testing::until;
use tokio::process::Command;
use uuid::Uuid;
use verdict::Criterion;
use verdict::results::Results;

use crate::client::Client;
use fixture::{PASSWORD, Running, Secured};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_line_and_the_listed_rights_suffice() {
    if crate::lacks_apache() {
        return;
    }
    let _turn = crate::TURN.write().await;
    let kafka = Secured::start().await;
    let session = SessionId(Uuid::now_v7());

    // A wrong password.
    let wrong = kafka.settings("SCRAM-SHA-512", "wrong-secret", "ca.pem");
    let backend = kafka.service("backend", &kafka.address, &wrong, &[]).await;
    for sequence in 1..=2 {
        let (status, body) = backend.click(session, sequence).await;
        assert!(status == 503 && body.contains("Kafka refuses this backend"), "{status} {body}");
    }
    assert_eq!(backend.lines("Kafka refuses this program"), 1);
    assert_eq!(backend.lines("wrong-secret"), 0);
    drop(backend);
    let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
    ese.args(["dlq", "list", "--broker", &kafka.address, "--kafka-config-file", &wrong]).kill_on_drop(true);
    let output = ese.output().await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && errors.contains("Kafka refuses this program"), "{errors}");
    assert!(!errors.contains("wrong-secret"), "{errors}");

    // The right password, and no right at all for a consumer.
    let right = kafka.settings("SCRAM-SHA-512", PASSWORD, "ca.pem");
    let consumer =
        kafka.service("consumer", &kafka.address, &right, &["--mail-via", "http", "--kafka-group", "shop"]).await;
    let hidden = "Kafka's user may not see the topics shop-clicks, ";
    until("the missing rights are named", async || consumer.lines(hidden) == 1).await;

    // The rights of docs/production.md, without the right to create topics.
    kafka.allow(&["--operation", "Write", "--topic", "shop-", "--resource-pattern-type", "prefixed"]).await;
    kafka.allow(&["--operation", "Read", "--topic", "shop-", "--resource-pattern-type", "prefixed"]).await;
    kafka.allow(&["--operation", "Read", "--group", "shop", "--group", "ese-dlq"]).await;
    let backend = kafka.service("backend", &kafka.address, &right, &[]).await;
    let missing = "the topic shop-orders is missing, and Kafka's user may not create topics";
    until("the missing topic is named", async || backend.lines(missing) == 1).await;
    let accepted = async || backend.click(session, 1).await.0 == 200;
    until("a click goes into the topic that is there", accepted).await;
    until("the consumer names what it lacks", async || consumer.lines("may not create topics") == 1).await;

    // Somebody creates the others.
    let others = ["shop-orders", "shop-clicks.dlq", "shop-orders.dlq"].map(|name| Topic::new(name, 2));
    ensure_topics(&kafka.inside, &others).await.unwrap();
    for service in [&backend, &consumer] {
        let (there, again) = ("the topics are there", "trying again until the topics are there");
        until("it goes on", async || service.lines(there) == service.lines(again) + 1).await;
    }
    until("the click is processed", async || processed(&consumer).await == 1).await;
    assert_eq!((backend.lines(missing), consumer.lines(hidden)), (1, 1), "nothing is repeated");
    assert_eq!(backend.lines(PASSWORD) + consumer.lines(PASSWORD), 0);

    // The same user with a token, and the dead letters with it.
    let token = kafka.token_settings();
    let backend = kafka.service("backend", &kafka.address, &token, &[]).await;
    until("a click goes with a token", async || backend.click(session, 2).await.0 == 200).await;
    drop(consumer);
    let consumer =
        kafka.service("consumer", &kafka.address, &token, &["--mail-via", "http", "--kafka-group", "shop"]).await;
    until("both are read with a token", async || processed(&consumer).await == 2).await;
    for settings in [&token, &right] {
        let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
        ese.args(["dlq", "list", "--broker", &kafka.address, "--kafka-config-file", settings]);
        ese.args(["--click-topic", "shop-clicks", "--order-topic", "shop-orders", "--mail-topic", "shop-mails"]);
        let output = ese.kill_on_drop(true).output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, "0 dead letters waiting.\n", "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// How many events a consumer has processed from Kafka.
async fn processed(consumer: &Running) -> u64 {
    let ledger = reqwest::get(format!("{}/api/ledger", consumer.url)).await.unwrap();
    let ledger: LedgerView = ledger.json().await.unwrap();
    ledger.routes.get(Route::Kafka).map_or(0, |route| route.processed)
}

/// The line of a backend that Kafka refuses, and that the client sees.
async fn refused(kafka: &Secured, brokers: &str, settings: &str) -> String {
    let backend = kafka.service("backend", brokers, settings, &[]).await;
    let begin = "Kafka refuses this program";
    until("the refusal is logged", async || backend.lines(begin) > 0).await;
    let (status, body) = backend.click(SessionId(Uuid::now_v7()), 1).await;
    assert!(status == 503 && body.contains("Kafka refuses this backend"), "{status} {body}");
    assert_eq!((backend.lines(begin), backend.lines(PASSWORD)), (1, 0), "{}", backend.log());
    let log = backend.log();
    log.lines().find(|line| line.contains(begin)).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_certificate_is_named_with_its_fault() {
    if crate::lacks_apache() {
        return;
    }
    let _turn = crate::TURN.write().await;
    let kafka = Secured::start().await;
    let line = refused(&kafka, &kafka.expired, &kafka.settings("PLAIN", PASSWORD, "ca.pem")).await;
    assert!(line.contains("the broker's certificate has expired: it was valid until "), "{line}");
    let line = refused(&kafka, &kafka.address, &kafka.settings("PLAIN", PASSWORD, "other-ca.pem")).await;
    let named = "the broker's certificate is for localhost, 127.0.0.1, valid until ";
    assert!(line.contains(named) && line.ends_with(" and of the CA Test CA"), "{line}");
    let line = refused(&kafka, &kafka.address, &kafka.settings("SCRAM-SHA-256", PASSWORD, "ca.pem")).await;
    assert!(line.contains("SCRAM-SHA-256"), "{line}");
}

/// The settings of a program, as its flags give them.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    kafka: KafkaConfig,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_and_a_comparison_run_on_brokers_of_ones_own() {
    if crate::lacks_apache() {
        return;
    }
    let _turn = crate::TURN.write().await;
    let kafka = Secured::start().await;
    let rights = ["Read", "Write", "Create", "Delete"].iter().flat_map(|right| ["--operation", *right]);
    let rights: Vec<&str> = rights.chain(["--topic", "shop-", "--resource-pattern-type", "prefixed"]).collect();
    kafka.allow(&rights).await;
    kafka.allow(&["--operation", "Read", "--group", "shop-", "--resource-pattern-type", "prefixed"]).await;
    let file = kafka.settings("SCRAM-SHA-512", PASSWORD, "ca.pem");

    // The first question of all to these brokers, which have no coordinator of groups yet.
    ensure_topics(&kafka.inside, &[Topic::new("shop-clicks.dlq", 1)]).await.unwrap();
    kafka.allow(&["--operation", "Read", "--group", "ese-dlq"]).await;
    let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
    ese.args(["dlq", "list", "--broker", &kafka.address, "--kafka-config-file", &file, "--click-topic", "shop-clicks"]);
    ese.args(["--order-topic", "shop-orders", "--mail-topic", "shop-mails"]).kill_on_drop(true);
    let output = ese.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let data = kafka.dir.path().join("stack");
    let Settings { kafka: settings } = Settings::parse_from(["test", "--kafka-config-file", &file]);
    let clients = KafkaClients::under("shop-", settings);
    let broker = BrokerChoice::Address(kafka.address.clone());
    let stack = Stack::start(Config { broker, kafka: clients, faults: true, ..Config::new(data) }).await.unwrap();
    let client = Client::new(&stack, 1);
    client.deliver(Route::Kafka, 1..=3).await;
    client.until_processed(Route::Kafka, 3).await;
    until("the mail went over Kafka", async || client.mails().await.is_ok_and(|mails| mails.len() == 1)).await;
    let faults = stack.faults().descriptions();
    assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.target.contains("broker")));
    for part in stack.parts().view().await {
        let arguments = part.pid.map(|pid| fs::read(format!("/proc/{pid}/cmdline")).unwrap());
        assert!(!String::from_utf8_lossy(&arguments.unwrap_or_default()).contains(PASSWORD), "{}", part.name);
    }
    stack.stop().await;

    let out = kafka.dir.path().join("comparison");
    let scenario = kafka.dir.path().join("short.toml");
    fs::write(&scenario, SHORT).unwrap();
    let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
    ese.arg("compare").arg(&scenario).args(["broker-restart", "--reps", "1", "--kafka-prefix", "shop-compare-"]);
    ese.args(["--broker", &kafka.address, "--kafka-config-file", &file, "--out"]).arg(&out).kill_on_drop(true);
    let output = ese.output().await.unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let results: Results = serde_json::from_slice(&fs::read(out.join("results.json")).expect(&text)).unwrap();
    assert_eq!(results.scenarios.len(), 1, "{text}");
    let run = results.scenarios[0].runs.iter().rfind(|run| run.route == Route::Kafka).unwrap();
    assert!(run.ledger.processed > 0 && run.ledger.processed == run.ledger.emitted, "{:?} {text}", run.void);
    assert_eq!(run.values.get(&Criterion::Parts), Some(&4.0));
    assert!(!run.values.contains_key(&Criterion::Memory), "of a broker elsewhere");
    let report = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(report.contains("broker-restart was left out: it needs command of the broker"), "{report}");
    let is_left = async || kafka.topics().await.iter().any(|topic| topic.contains("compare"));
    until("its topics are gone", async || !is_left().await).await;

    // Without the right to make topics: one line, and no run.
    let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
    ese.args(["compare", "--quick", "--broker", &kafka.address, "--kafka-config-file", &file, "--out"]).arg(&out);
    let output = ese.kill_on_drop(true).output().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(64), "{errors}");
    assert!(
        errors.contains("makes and deletes topics of its own, ese-compare-…") && errors.lines().count() == 1,
        "{errors}"
    );
}

/// A scenario of two seconds.
const SHORT: &str = "\
name = \"short\"
question = \"Is anything lost?\"
lesson = \"Nothing is.\"
[load]
rate = 20
clients = 5
seconds = 2
";
