//! The program itself: its exit codes and output.

use std::fs::{self, File};
use std::io::{BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use domain::api::BATCH;
use reqwest::StatusCode;
use runtime::testing::until;

use crate::support::event;

fn run(flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_backend")).args(flags).env_clear().output().unwrap()
}

#[test]
fn a_bad_value_is_one_clear_line_and_exit_code_64() {
    for (flags, text) in [
        (["--store-ttl", "soon"], "give a number of seconds"),
        (["--consumer-url", "consumer"], "give a URL that begins with http://"),
        (["--default-route", "pigeon"], "there is no route `pigeon`"),
        (["--store-url", "mongodb://x"], "give sqlite:///path"),
        (["--event-types", "com.example.*,*"], "`*` admits no type: give a name such as com.example.order-paid"),
    ] {
        let output = run(&flags);
        assert_eq!(output.status.code(), Some(64), "{flags:?}");
        let output = String::from_utf8(output.stderr).unwrap();
        assert!(output.contains(text), "{output}");
    }
}

#[test]
fn a_setting_of_kafka_that_cannot_be_is_a_bad_value_and_no_secret_is_shown() {
    for (value, text) in [
        ("acks=1", "--kafka-config: `acks` must stay `all`: an event is accepted once every in-sync replica"),
        ("no.such.key=hunter2", "--kafka-config: No such configuration property: \"no.such.key\""),
        ("sasl.password=hunter2", "`sasl.password` is a secret"),
        ("hunter2", "--kafka-config: give KEY=VALUE"),
    ] {
        let output = run(&["--kafka-config", value]);
        assert_eq!(output.status.code(), Some(64), "{value}");
        let output = String::from_utf8(output.stderr).unwrap();
        assert!(output.contains(text) && !output.contains("hunter2"), "{output}");
    }
}

#[test]
fn the_environment_gives_secrets_beside_the_flags_and_help_does_not_show_them() {
    let with = |flags: &[&str], variable| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_backend"));
        program.args(flags).env_clear().env("ESE_KAFKA_CONFIG", variable).output().unwrap()
    };
    let output = with(&["--kafka-config", "linger.ms=1"], "sasl.password=hunter2\nacks=1");
    assert_eq!(output.status.code(), Some(64));
    let output = String::from_utf8(output.stderr).unwrap();
    assert!(output.contains("ESE_KAFKA_CONFIG: `acks` must stay") && !output.contains("hunter2"), "{output}");
    for flag in ["--help", "--describe-options"] {
        let output = String::from_utf8(with(&[flag], "sasl.password=hunter2").stdout).unwrap();
        assert!(output.contains("ESE_KAFKA_CONFIG") && !output.contains("hunter2"), "{output}");
    }
}

#[test]
fn it_does_not_listen_beyond_this_machine_without_keys_unless_it_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (store, file) = (format!("sqlite://{}/s.db", directory.path().display()), directory.path().join("token"));
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let output = run(&["--listen", listen, "--peer-token-file", &file.display().to_string()]);
        assert_eq!(output.status.code(), Some(64));
        let expected = format!(
            "backend: other machines can reach {listen}: give --keys-file and --admin-token-file, or --open where the network \
             lets nobody else in\n"
        );
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
        assert!(!file.exists(), "it has done nothing");
    }
    let mut open = Command::new(env!("CARGO_BIN_EXE_backend"));
    open.args(["--listen", "0.0.0.0:0", "--open", "--store-url", &store])
        .env_clear()
        .stderr(std::process::Stdio::piped());
    let mut open = Stopped(open.spawn().unwrap());
    let mut lines = std::io::BufReader::new(open.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let warning = lines.find(|line| line.contains("WARN")).unwrap();
    assert!(warning.contains("--keys-file and --peer-token-file and --admin-token-file"), "{warning}");
    assert!(lines.any(|line| line.contains("listening")));
}

#[test]
fn it_listens_on_ipv6() {
    let Ok(free) = TcpListener::bind("[::1]:0") else {
        runtime::testing::skipped("this machine has no IPv6");
        return;
    };
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let directory = tempfile::tempdir().unwrap();
    let mut backend = Command::new(env!("CARGO_BIN_EXE_backend"));
    backend.args(["--listen", &address, "--log", "off"]).current_dir(directory.path());
    let _backend = Stopped(backend.spawn().unwrap());
    let deadline = Instant::now() + Duration::from_secs(20);
    while !run(&["--listen", &address, "--probe"]).status.success() {
        assert!(Instant::now() < deadline, "it gets ready in time");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn kafka_that_takes_no_records_is_one_line_in_the_log() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut backend = Command::new(env!("CARGO_BIN_EXE_backend"));
    backend.args(["--listen", &address, "--kafka-brokers", "127.0.0.1:9"]).current_dir(directory.path());
    let _backend = Stopped(backend.stderr(File::create(&log).unwrap()).spawn().unwrap());
    let client = reqwest::Client::new();
    until("it answers", async || client.get(format!("http://{address}/readyz")).send().await.is_ok()).await;
    let post = async |sequence| {
        let request = client.post(format!("http://{address}/api/events?route=kafka")).header("content-type", BATCH);
        request.body(serde_json::to_vec(&[event(sequence)]).unwrap()).send().await.unwrap().status()
    };
    assert_eq!(tokio::join!(post(1), post(2)), (StatusCode::SERVICE_UNAVAILABLE, StatusCode::SERVICE_UNAVAILABLE));
    let log = fs::read_to_string(&log).unwrap();
    assert_eq!(log.matches("Kafka does not take records in time").count(), 1, "{log}");
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let output = String::from_utf8(output.stderr).unwrap();
    assert!(output.contains(&format!("cannot listen on {address}")) && output.contains("--listen"), "{output}");
}

/// The program with few files, so that idle connections take them all.
#[test]
fn idle_connections_that_take_all_files_do_not_block_a_new_client() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let directory = tempfile::tempdir().unwrap();
    let script = "ulimit -n 64; exec \"$0\" --listen \"$1\" --log off";
    let mut backend = Command::new("sh");
    backend.args(["-c", script, env!("CARGO_BIN_EXE_backend"), &address.to_string()]).current_dir(directory.path());
    let mut backend = Stopped(backend.spawn().unwrap());
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut ready = || {
        assert!(Instant::now() < deadline, "it answers in time");
        assert!(backend.0.try_wait().unwrap().is_none(), "it runs");
        let asked = TcpStream::connect(address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        });
        asked.is_ok_and(|answer| answer.contains(" 200 "))
    };
    while !ready() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert!(ready());
    drop(idle);
}

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
