//! The stack and `ese up`, with stand-ins for the services and librdkafka's mock broker.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
mod comparison;
mod faults;

use std::fs;
use std::process::Command;

use domain::api::faults::FaultRequest;
use lab::run::stack::Stack;

use bench::{Bench, ESE, TIMEOUT, program, readyz};

#[tokio::test]
async fn a_part_is_killed_missed_and_restarted() {
    let bench = Bench::new();
    let (config, output) = bench.config();
    let stack = Stack::start(config.clone()).await.unwrap();
    let (status, answer) = readyz(&stack.address()).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, answer), (200, serde_json::json!({"ready": true, "down": []})));
    let taken = Stack::start(config.clone()).await.err().unwrap().to_string();
    assert!(taken.contains("another `ese` uses the data directory"), "{taken}");

    stack.faults().start(FaultRequest::new("kill", "consumer")).await.unwrap();
    let (status, why) = readyz(&stack.address()).await;
    assert_eq!(status, 503);
    assert!(
        why.contains("\"name\":\"consumer\"") && why.contains("SIGKILL") && why.contains("consumer starts"),
        "{why}"
    );
    stack.faults().restore().await.unwrap();
    stack.until_ready("consumer", TIMEOUT).await.unwrap();
    assert_eq!(readyz(&stack.address()).await.0, 200);
    let elsewhere = stack.parts().get("broker").unwrap().kill().await.unwrap_err().to_string();
    assert!(elsewhere.contains("was not started here"), "{elsewhere}");
    assert!(stack.parts().get("nobody").err().unwrap().to_string().contains("no part `nobody`"));

    stack.stop().await;
    let output = output.lock().unwrap().clone();
    let order: Vec<usize> = ["backend  stopped", "consumer stopped", "mailer   stopped", "inbox    stopped"]
        .map(|t| output.find(t).unwrap())
        .into();
    assert!(order.is_sorted(), "{output}");
    assert!(!output.contains("died"), "{output}");
    Stack::start(config).await.unwrap().stop().await;
}

#[tokio::test]
async fn the_parts_own_ports_are_closed_to_web_pages_and_share_a_new_secret() {
    let bench = Bench::new();
    let (config, _) = bench.config();
    let secret = config.data_dir.join("peer-token");
    fs::create_dir(&config.data_dir).unwrap();
    fs::write(&secret, "of an earlier start").unwrap();
    let stack = Stack::start(config.clone()).await.unwrap();
    assert!(!secret.exists(), "the services make a new one, which their stand-ins do not");
    let flag =
        format!("--peer-token-file {}", fs::canonicalize(&config.data_dir).unwrap().join("peer-token").display());
    for name in ["backend", "consumer", "mailer"] {
        let log = fs::read_to_string(config.data_dir.join(format!("logs/{name}.log"))).unwrap();
        assert!(log.contains(&flag), "{log}");
    }
    let inbox = format!("http://{}/api/inbox", stack.upstreams().inbox);
    let named = reqwest::Client::new().get(&inbox).header("host", "evil.example").send().await.unwrap();
    assert_eq!(named.status(), 421);
    let sent = reqwest::Client::new().post(&inbox).header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(sent.status(), 403);
    assert_eq!(reqwest::get(&inbox).await.unwrap().status(), 200);
    stack.stop().await;
}

#[tokio::test]
async fn a_part_that_dies_at_the_start_stops_the_others_and_is_named() {
    let bench = Bench::new();
    let (config, output) = bench.config();
    program(&bench.dir.path().join("mailer"), "echo there is no table; exit 7");
    let error = Stack::start(config).await.err().unwrap().to_string();
    assert!(error.starts_with("mailer ended with exit status: 7 before it was ready:\nthere is no table"), "{error}");
    assert!(output.lock().unwrap().contains("inbox    stopped"));
}

#[tokio::test]
async fn a_bad_command_line_is_one_line_of_error() {
    let ese = |args: &[&str]| {
        let output = Command::new(ESE).args(args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, output) = ese(&["up", "--broker", "rabbit"]);
    assert!(code == 64 && output.contains("give auto, apache, nisshi or HOST:PORT"), "{code} {output}");
    let (code, output) = ese(&["up", "--database-url-consumer", "mysql://x"]);
    assert!(code == 64 && output.contains("sqlite:///path"), "{code} {output}");
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let (code, output) = ese(&["up", "--dist", "/nowhere", "--data-dir", data]);
    assert!(code == 1 && output.contains("cargo xtask page"), "{code} {output}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, output) = ese(&["up", "--no-frontend", "--data-dir", data, "--port", &port]);
    assert_eq!((code, output.lines().count()), (1, 1), "{output}");
    assert!(output.contains(&format!("port {port} on 127.0.0.1 is taken")), "{output}");
}

#[tokio::test]
async fn several_consumers_share_one_database_and_only_the_first_has_a_name_in_the_group() {
    let bench = Bench::new();
    let (mut config, output) = bench.config();
    config.consumers = 3;
    let refused = Stack::start(config.clone()).await.err().unwrap().to_string();
    assert!(refused.starts_with("3 consumers cannot share a SQLite file"), "{refused}");

    config.databases.consumer = Some("postgres://nobody@127.0.0.1:9/books".to_owned());
    let inbox = format!("{ESE} inbox --smtp 127.0.0.1:0 --data-dir data-$$ \"$1\" \"$2\"");
    program(&bench.dir.path().join("consumer"), &format!("echo \"$ESE_DATABASE_URL $*\" >> arguments; exec {inbox}"));
    let stack = Stack::start(config).await.unwrap();
    let parts: Vec<&str> = stack.parts().view().await.into_iter().map(|part| part.name).collect();
    assert_eq!(&parts[4..], ["consumer", "consumer-2", "consumer-3"]);
    let arguments = fs::read_to_string(bench.dir.path().join("data/arguments")).unwrap();
    let with = |argument| arguments.lines().filter(|line| line.contains(argument)).count();
    assert_eq!((with("postgres://nobody@127.0.0.1:9/books --listen"), with("--kafka-instance")), (3, 1));
    stack.stop().await;
    assert!(output.lock().unwrap().contains("consumer-3 stopped"));
}
