//! Mail requests are accepted only from peers, and not from web pages.

use domain::mail_request::MailState;

use crate::support::{Mailer, request};

#[tokio::test]
async fn a_web_page_cannot_request_a_mail() {
    let mailer = Mailer::start(&[]).await;
    let mail = request();
    let body = serde_json::to_string(&[&mail]).unwrap();
    let post = async |headers: &[(&str, &str)]| {
        let post = mailer.client.post(format!("{}/api/mails", mailer.url)).body(body.clone());
        let post = headers.iter().fold(post, |post, (name, value)| post.header(*name, *value));
        post.send().await.unwrap().status().as_u16()
    };
    let json = ("content-type", "application/json");
    assert_eq!(post(&[("content-type", "text/plain")]).await, 415);
    assert_eq!(post(&[]).await, 415);
    assert_eq!(post(&[json, ("origin", "https://evil.example")]).await, 403);
    assert_eq!(post(&[json, ("host", "evil.example")]).await, 421);
    assert!(mailer.status(mail.id).await.is_none(), "no request has left anything");
}

#[tokio::test]
async fn only_holders_of_the_secret_may_request_mails() {
    let directory = tempfile::tempdir().unwrap();
    let (secret, mails) = (directory.path().join("peer-token"), directory.path().display().to_string());
    let flags = ["--mail-dir", &mails, "--peer-token-file", &secret.display().to_string()];
    let mailer = Mailer::start(&flags).await;
    let mail = request();
    assert_eq!(mailer.post(std::slice::from_ref(&mail)).await.status(), 401);
    assert!(mailer.status(mail.id).await.is_none(), "the request has left nothing");

    let token = std::fs::read_to_string(&secret).unwrap();
    let post = mailer.client.post(format!("{}/api/mails", mailer.url)).bearer_auth(token).json(&[&mail]);
    assert_eq!(post.send().await.unwrap().status(), 202);
    mailer.until(mail.id, MailState::Sent).await;
}

#[tokio::test]
async fn looking_at_mails_needs_the_admin_token_or_that_of_the_peers() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (admin, peers) = (path("admin"), path("peers"));
    let flags = ["--mail-dir", &path("mails"), "--admin-token-file", &admin, "--peer-token-file", &peers];
    let mailer = Mailer::start(&flags).await;
    for path in ["/api/mails", "/api/disk/mailer"] {
        let get = || mailer.client.get(format!("{}{path}", mailer.url));
        assert_eq!(get().send().await.unwrap().status(), 401, "{path}");
        for file in [&admin, &peers] {
            let token = std::fs::read_to_string(file).unwrap();
            assert_eq!(get().bearer_auth(token).send().await.unwrap().status(), 200, "{path} {file}");
        }
    }
}

#[tokio::test]
async fn a_list_that_is_too_large_is_refused_with_the_limit() {
    let mailer = Mailer::start(&[]).await;
    let large = mailer.client.post(format!("{}/api/mails", mailer.url)).header("content-type", "application/json");
    let answer = large.body(vec![b' '; (2 << 20) + 1]).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert!(answer.text().await.unwrap().contains("larger than 2097152 bytes"));
}

#[test]
fn it_does_not_listen_beyond_this_machine_without_keys() {
    let mut mailer = std::process::Command::new(env!("CARGO_BIN_EXE_mailer"));
    let output = mailer.env_clear().args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(
        line.starts_with(
            "mailer: other machines can reach 0.0.0.0:0: give --peer-token-file and --admin-token-file, or --open"
        ),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1);
}
