//! The inbox, spoken to as a mailer and as a page do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::time::Duration;

use domain::api::InboxMail;
use lab::run::inbox;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use runtime::admin::Admin;
use runtime::testing::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Inbox {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    port: u16,
    service: Service,
}

impl Inbox {
    async fn start(dir: &Path) -> Self {
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = smtp.local_addr().unwrap().port();
        let grace = Duration::from_secs(5);
        let serve = |http, stopped| inbox::serve(dir.to_owned(), smtp, http, stopped, grace, Admin::default());
        let service = Service::start(serve).await;
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(port).build();
        Self { smtp, port, service }
    }

    async fn mails(&self) -> Vec<InboxMail> {
        reqwest::get(format!("{}/api/inbox", self.service.url)).await.unwrap().json().await.unwrap()
    }
}

fn mail(subject: &str, body: impl Into<String>) -> Message {
    let address = |text: &str| text.parse::<Mailbox>().unwrap();
    Message::builder()
        .from(address("ESE <rules@ese.example>"))
        .to(address("you@ese.example"))
        .subject(subject)
        .message_id(Some("<alert-1@ese.example>".to_owned()))
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn mails_are_kept_shown_and_found_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let inbox = Inbox::start(dir.path()).await;
    assert_eq!(inbox.mails().await, []);
    inbox.smtp.send(mail("Steady clicks ✓", "three\n.hidden dot\nGrüße")).await.unwrap();
    inbox.smtp.send(mail("again", "the same id")).await.unwrap();

    let mails = inbox.mails().await;
    assert_eq!(mails.len(), 2, "the same Message-ID twice is two mails");
    assert_eq!(mails[0].subject, "again");
    assert_eq!(mails[1].subject, "Steady clicks ✓");
    assert_eq!(mails[1].text, "three\n.hidden dot\nGrüße");
    assert_eq!(mails[1].message_id, "alert-1@ese.example");
    assert!(mails[1].from.contains("rules@ese.example") && mails[1].to == "you@ese.example");
    let json = reqwest::get(format!("{}/api/inbox", inbox.service.url)).await.unwrap().text().await.unwrap();
    assert!(json.contains("\"received_at\":\"20"), "{json}");
    inbox.service.stop().await;

    let inbox = Inbox::start(dir.path()).await;
    assert_eq!(inbox.mails().await, mails);
    let ready = reqwest::get(format!("{}/readyz", inbox.service.url)).await.unwrap();
    assert_eq!(ready.status(), 200);
    inbox.service.stop().await;
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_refused_and_the_connection_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let inbox = Inbox::start(dir.path()).await;
    let line = format!("{}\n", "x".repeat(70));
    let refused = inbox.smtp.send(mail("large", line.repeat(5000))).await.unwrap_err();
    assert!(refused.is_permanent() && refused.to_string().contains("552"), "{refused}");
    inbox.smtp.send(mail("small", "fits")).await.unwrap();
    let subjects: Vec<String> = inbox.mails().await.into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["small"]);
    inbox.service.stop().await;
}

#[tokio::test]
async fn many_at_once_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let inbox = Inbox::start(dir.path()).await;
    let send = |number| {
        let smtp = inbox.smtp.clone();
        async move { smtp.send(mail(&format!("number {number}"), "hi")).await.unwrap() }
    };
    futures_util::future::join_all((0..40).map(send)).await;
    assert_eq!(inbox.mails().await.len(), 40);
    inbox.service.stop().await;
}

#[tokio::test]
async fn an_http_request_with_smtp_commands_in_its_body_brings_no_mail() {
    let dir = tempfile::tempdir().unwrap();
    let inbox = Inbox::start(dir.path()).await;
    let mut stream = TcpStream::connect(("127.0.0.1", inbox.port)).await.unwrap();
    let body =
        "HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: no\r\n\r\nno\r\n.\r\nQUIT\r\n";
    let request = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    // The inbox closes the connection, perhaps with a reset, because most of the request was not read.
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    assert!(!String::from_utf8_lossy(&answer).contains("354"), "no data are asked for");
    assert_eq!(inbox.mails().await, []);
    inbox.service.stop().await;
}
