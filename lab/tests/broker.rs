//! `ese broker` with a real broker, where one is installed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use lab::run::broker::{BrokerChoice, choose, find_installed, prepare, ready};
use runtime::testing::{skipped, until};

#[tokio::test]
async fn the_broker_answers_until_its_standard_input_closes() {
    if let Err(lack) = choose(&BrokerChoice::Auto, &find_installed(), None) {
        skipped(lack);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut addresses = Vec::new();
    // The second start finds the storage of the first.
    for _ in 0..2 {
        let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"))
            .args(["broker", "--data-dir"])
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = BufReader::new(ese.stdout.take().unwrap()).lines().next().expect("a line of output").unwrap();
        let address = line.strip_prefix("broker ready at ").expect("the address").to_owned();
        ready::answers_kafka(&address).await.unwrap();
        drop(ese.stdin.take());
        until("it stops", async || ese.try_wait().unwrap().is_some()).await;
        assert!(ese.wait().unwrap().success());
        ready::listens(&address).await.unwrap_err();
        addresses.push(address);
    }
    assert_ne!(addresses[0], addresses[1], "each picks a free port");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_does_not_matter_where_no_broker_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let elsewhere = BrokerChoice::Address(format!("127.0.0.1:{port}"));
    assert_eq!(prepare(&elsewhere, 1, dir.path(), port).await.unwrap().address, format!("127.0.0.1:{port}"));

    let dir = tempfile::tempdir().unwrap();
    if let Err(lack) = choose(&BrokerChoice::Auto, &find_installed(), None) {
        skipped(lack);
        return;
    }
    let error = prepare(&BrokerChoice::Auto, 1, dir.path(), port).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("port {port} on 127.0.0.1 is taken")) && error.contains("--broker-port"),
        "{error}"
    );
    drop(other);
    assert_eq!(prepare(&BrokerChoice::Auto, 1, dir.path(), port).await.unwrap().address, format!("127.0.0.1:{port}"));
}
