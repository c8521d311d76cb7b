//! The description of the HTTP interfaces: served, readable, and true of this service.

use reqwest::Method;
use serde_json::Value;

use crate::support::Backend;

#[tokio::test]
async fn every_described_path_of_the_backend_exists() {
    let backend = Backend::start(&[]).await;
    let answer = backend.get("/api/openapi.json").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let document: Value = answer.json().await.unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let tag = operation["tags"][0].as_str().unwrap();
            let own =
                (tag == "events" && path != "/api/deliveries") || tag == "original example" || path == "/api/docs";
            if !own {
                continue;
            }
            let filled = path
                .replace("{topic}", "click-events")
                .replace("{subject}", "click-events-value")
                .replace("{version}", "1");
            let method: Method = method.to_uppercase().parse().unwrap();
            let request = backend.client.request(method.clone(), format!("{}{filled}", backend.url));
            let status = request.send().await.unwrap().status();
            assert!(operation["responses"].get(status.as_str()).is_some(), "{method} {path} answers {status}");
            asked += 1;
        }
    }
    assert!(asked >= 9, "{asked}");
}

#[tokio::test]
async fn the_page_loads_nothing_from_other_sites() {
    let backend = Backend::start(&[]).await;
    let answer = backend.get("/api/docs").await;
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("/api/ledger") && page.contains("id=\"Event\""));
}
