//! The page alone, with a small server that stands in for Mailpit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use clap::Parser;
use domain::api::InboxMail;
use lab::cli::{Cli, Command};
use lab::run::web::serve;
use runtime::testing::{self, Service};
use serde_json::json;

/// A Mailpit with two mails that counts how often a mail is fetched.
async fn mailpit(fetched: Arc<AtomicUsize>) -> String {
    let list = json!({"total": 2, "messages": [
        {"ID": "b", "Created": "2026-01-31T12:00:01.5Z"}, {"ID": "a", "Created": "2026-01-31T12:00:00Z"},
    ]});
    let raw = move |Path(id): Path<String>| {
        fetched.fetch_add(1, Ordering::Relaxed);
        std::future::ready(format!("Subject: mail {id}\r\nMessage-ID: <{id}@ese>\r\n\r\nhello\r\n"))
    };
    let router = Router::new()
        .route("/api/v1/messages", get(move || std::future::ready(Json(list.clone()))))
        .route("/api/v1/message/{id}/raw", get(raw));
    testing::serve(router).await
}

/// `ese web` before that Mailpit.
async fn web(mailpit: &str, page: &std::path::Path) -> Service {
    fs::write(page.join("index.html"), "<p>the page</p>").unwrap();
    let flags = ["ese", "web", "--mailpit", mailpit, "--dist", page.to_str().unwrap()];
    let Command::Web(args) = Cli::parse_from(flags).command else { unreachable!() };
    Service::start(|listener, stopped| serve(args, listener, stopped)).await
}

#[tokio::test]
async fn the_page_the_mails_and_the_probes_are_there() {
    let fetched = Arc::new(AtomicUsize::new(0));
    let page = tempfile::tempdir().unwrap();
    let web = web(&mailpit(fetched.clone()).await, page.path()).await;
    for path in ["/", "/ledger"] {
        let answer = reqwest::get(format!("{}{path}", web.url)).await.unwrap();
        assert!(answer.headers().contains_key("content-security-policy"), "{path}");
        assert_eq!(answer.text().await.unwrap(), "<p>the page</p>", "{path}");
    }
    assert_eq!(reqwest::get(format!("{}/readyz", web.url)).await.unwrap().text().await.unwrap(), "ready\n");
    for path in ["/gone.js", "/api/faults"] {
        assert_eq!(reqwest::get(format!("{}{path}", web.url)).await.unwrap().status(), 404, "{path}");
    }
    for _ in 0..2 {
        let mails: Vec<InboxMail> = reqwest::get(format!("{}/api/inbox", web.url)).await.unwrap().json().await.unwrap();
        let shown: Vec<_> = mails.iter().map(|mail| (mail.subject.as_str(), mail.message_id.as_str())).collect();
        assert_eq!(shown, [("mail b", "b@ese"), ("mail a", "a@ese")]);
        assert_eq!(mails[0].received_at.to_string(), "2026-01-31T12:00:01.5Z");
        assert_eq!(mails[0].text, "hello");
    }
    assert_eq!(fetched.load(Ordering::Relaxed), 2, "a mail is fetched once");
}

#[tokio::test]
async fn without_mailpit_the_inbox_answers_503() {
    let page = tempfile::tempdir().unwrap();
    let (_, unused) = testing::listen().await;
    let web = web(&unused, page.path()).await;
    let answer = reqwest::get(format!("{}/api/inbox", web.url)).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("Mailpit"));
}
