//! The description of the HTTP interfaces is true: schemathesis sends what it allows and what it forbids, and judges the answers.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::api::faults::{FAULT_TOKEN, FaultsView};
use lab::experiments::page_api;
use lab::run::stack::Config;
use runtime::testing::skipped;
use serde_json::Value;
use tokio::process::Command;

use crate::Real;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/described.toml");

/// The operations that the front door does not show.
const HIDDEN: [&str; 3] = ["deliver", "processed", "requestMails"];

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_part_is_as_described() {
    let Some(python) = std::env::var_os("ESE_TEST_SCHEMATHESIS") else {
        skipped("ESE_TEST_SCHEMATHESIS names no Python with schemathesis; `cargo xtask test` sets it");
        return;
    };
    let real = Real::start(|config| Config {
        faults: true,
        more_routes: Arc::new(|front, work| page_api::routes(front, work, None)),
        ..config
    })
    .await
    .unwrap();
    let (stack, client) = (&real.stack, reqwest::Client::new());
    let front = stack.address();
    let faults: FaultsView = client.get(format!("{front}/api/faults")).send().await.unwrap().json().await.unwrap();
    let secret = std::fs::read_to_string(real.data.path().join("peer-token")).unwrap();

    let parts = stack.upstreams();
    let direct = |address| format!("http://{address}");
    let hidden: Vec<&str> = HIDDEN.iter().flat_map(|id| ["--exclude-operation-id", id]).collect();
    let only = |own: &[&'static str]| -> Vec<&str> {
        own.iter().chain(&["/livez", "/readyz", "/metrics"]).flat_map(|path| ["--include-path", path]).collect()
    };
    let runs = [
        ("the front door", front.clone(), hidden),
        ("the backend", direct(parts.backend), only(&["/"])),
        ("the consumer", direct(parts.consumer), only(&["/api/deliveries", "/api/processed"])),
        ("the mailer", direct(parts.mailer), only(&["/api/mails"])),
    ];
    // From its address, schemathesis would leave that operation out.
    let file = real.data.path().join("openapi.json");
    let served = client.get(format!("{front}/api/openapi.json")).send().await.unwrap().text().await.unwrap();
    std::fs::write(&file, &served).unwrap();
    let document: Value = serde_json::from_str(&served).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations: usize = paths.map(|path| path.as_object().unwrap().len()).sum();

    let (mut failed, mut tested) = (Vec::new(), Vec::new());
    let all = async {
        for (part, url, filter) in runs {
            let mut schemathesis = Command::new(&python);
            schemathesis.args(["-m", "schemathesis.cli", "--config-file", CONFIG, "run", "--no-color", "--url", &url]);
            schemathesis.args(["--phases", "examples,coverage", "--generation-deterministic"]).args(filter).arg(&file);
            schemathesis.env("ESE_FAULT_TOKEN", &faults.token).env("ESE_PEER_TOKEN", secret.trim());
            // It writes its notes into the present directory.
            schemathesis.current_dir(real.data.path()).stdin(Stdio::null()).kill_on_drop(true);
            let began = Instant::now();
            let output = tokio::time::timeout(Duration::from_secs(300), schemathesis.output()).await;
            let output = output.expect("it ends").unwrap();
            let (words, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let count = words.lines().find_map(|line| line.trim().strip_prefix("Tested: ")?.parse::<usize>().ok());
            eprintln!("{part}: {count:?} operations, {:.1} s", began.elapsed().as_secs_f32());
            tested.push(count.unwrap_or_default());
            if !output.status.success() {
                failed.push(format!("{part}: {}\n{words}{errors}", output.status));
            }
        }
    };
    // Its requests also start comparisons, simulations and faults. Each is ended within a second.
    let ended = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            for path in ["/api/compare", "/api/simulation", "/api/faults"] {
                let end = client.delete(format!("{front}{path}")).header(FAULT_TOKEN, &faults.token);
                let status = end.send().await.unwrap().status().as_u16();
                assert!([202, 204, 404].contains(&status), "{path}: {status}");
            }
        }
    };
    tokio::select! { () = all => (), () = ended => () }
    real.stack.stop().await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(tested, [operations - HIDDEN.len(), 4, 4, 5], "no operation was left out");
}
