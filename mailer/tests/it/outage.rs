//! PostgreSQL away: every request is refused with its name, and mails go out afterwards. Needs ESE_TEST_POSTGRES.

use std::time::{Duration, Instant};

use domain::api::Problem;
use domain::mail_request::MailState;
use reqwest::RequestBuilder;
use runtime::testing::{Relay, new_postgres, until};

use crate::support::{Mailer, SmtpServer, request};

async fn refused_with_its_name(mailer: &Mailer) {
    let mails = format!("{}/api/mails", mailer.url);
    let requests: [RequestBuilder; 3] = [
        mailer.client.post(&mails).json(&[request()]),
        mailer.client.get(&mails),
        mailer.client.get(format!("{mails}?id={}", request().id)),
    ];
    for request in requests {
        let began = Instant::now();
        let answer = request.send().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(4), "the answer took {:?}", began.elapsed());
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Problem = answer.json().await.unwrap();
        assert_eq!(problem.dependency.as_deref(), Some("postgres"), "{problem:?}");
        assert!(problem.detail.contains("PostgreSQL"), "{problem:?}");
    }
}

#[tokio::test]
async fn while_postgres_is_away_every_request_names_it_and_afterwards_mails_go_out() {
    let Some(url) = new_postgres("mailer_outage").await else { return };
    let (mut relay, url) = Relay::before_postgres(&url).await;
    let smtp = SmtpServer::start().await;
    *smtp.answer.lock().unwrap() = "451 come back later";
    let mailer = Mailer::start(&["--database-url", &url, "--smtp-url", &smtp.url]).await;
    let ready = async || {
        let answer = mailer.client.get(format!("{}/readyz", mailer.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (before, after) = (request(), request());
    assert_eq!(mailer.post(std::slice::from_ref(&before)).await.status(), 202);
    mailer.until_tried(before.id).await;

    relay.cut().await;
    // At first only by its own errors, then by the probe.
    refused_with_its_name(&mailer).await;
    until("the service is not ready", async || ready().await.0 == 503).await;
    refused_with_its_name(&mailer).await;
    assert!(ready().await.1.starts_with("not ready: PostgreSQL: "));
    *smtp.answer.lock().unwrap() = "250 taken";

    relay.mend().await;
    until("the service is ready again", async || ready().await.0 == 200).await;
    assert_eq!(mailer.post(std::slice::from_ref(&after)).await.status(), 202);
    mailer.until(before.id, MailState::Sent).await;
    mailer.until(after.id, MailState::Sent).await;
}
