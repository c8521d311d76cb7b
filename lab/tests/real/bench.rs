//! `ese bench` in its shortest form, over the HTTP routes.

use serde_json::Value;
use tokio::process::Command;

use crate::TURN;

#[tokio::test(flavor = "multi_thread")]
async fn the_shortest_benchmark_has_its_figures_and_exact_books() {
    let _turn = TURN.write().await;
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ese"))
        .args(["bench", "--quick", "--rounds", "1", "--seconds", "1", "--events", "1000", "--seed", "7"])
        .args(["--routes", "http-push,http-poll", "--out"])
        .arg(out.path())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let (table, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{table}{errors}");
    let results = std::fs::read_to_string(out.path().join("results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    for key in [
        "single-share/http-push",
        "single-share/http-poll",
        "single-cpu-backend/http-push",
        "single-cpu-generator/bare",
        "batch-rate/http-poll",
        "batch-processed-rate/http-push",
        "processed-p99/http-poll",
        "drain-rate/http-poll",
        "memory/end",
    ] {
        let median = results["figures"][key]["median"].as_f64().unwrap_or_default();
        assert!(median > 0.0 && table.contains(key), "{key}: {median}\n{table}");
    }
    assert!(!table.contains("kafka"), "{table}");
    assert!(errors.contains("--seed 7 repeats the order"), "{errors}");
    assert!(!out.path().join("history.json").exists(), "a quick run is not published");
}
