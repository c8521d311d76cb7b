//! Requests over HTTP become mails over SMTP: once each, later if necessary, or never with a reason.

use std::collections::BTreeSet;

use domain::mail_request::{MailRequest, MailState, MailStatus};
use uuid::Uuid;

use crate::support::{Mailer, SmtpServer, request};

#[tokio::test]
async fn an_id_is_sent_once_however_often_it_is_requested() {
    let smtp = SmtpServer::start().await;
    let mailer = Mailer::start(&["--smtp-url", &smtp.url]).await;
    let mail = request();
    assert_eq!(mailer.post(&[mail.clone(), mail.clone()]).await.status(), 202);
    mailer.until(mail.id, MailState::Sent).await;
    assert_eq!(mailer.post(std::slice::from_ref(&mail)).await.status(), 202);
    let directory = mailer.stop().await;
    let mailer = Mailer::start_in(directory, &["--smtp-url", &smtp.url]).await;
    mailer.post(std::slice::from_ref(&mail)).await;
    // A second mail is sent after it; by then a duplicate would have been sent.
    let second = request();
    mailer.post(std::slice::from_ref(&second)).await;
    mailer.until(second.id, MailState::Sent).await;
    let mails = smtp.mails.lock().unwrap();
    let of_first =
        mails.iter().filter(|mail_text| mail_text.contains(&format!("Message-ID: <{}@example.com>", mail.id)));
    assert_eq!((of_first.count(), mails.len()), (1, 2));
}

#[tokio::test]
async fn a_transient_failure_is_tried_again() {
    let smtp = SmtpServer::start().await;
    *smtp.answer.lock().unwrap() = "451 come back later";
    let mailer = Mailer::start(&["--smtp-url", &smtp.url]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    let tried = mailer.until_tried(mail.id).await;
    assert!(tried.error.unwrap().contains("come back later"));
    *smtp.answer.lock().unwrap() = "250 taken";
    mailer.until(mail.id, MailState::Sent).await;
    assert!(mailer.status(mail.id).await.unwrap().attempts >= 2);
    assert_eq!(smtp.mails.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_login_costs_no_mail() {
    let smtp = SmtpServer::start().await;
    *smtp.answer.lock().unwrap() = "535 5.7.8 authentication failed";
    let mailer = Mailer::start(&["--smtp-url", &smtp.url]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    let tried = mailer.until_tried(mail.id).await;
    assert!(tried.error.unwrap().contains("authentication failed"));
    *smtp.answer.lock().unwrap() = "250 taken";
    mailer.until(mail.id, MailState::Sent).await;
}

#[tokio::test]
async fn a_session_without_an_answer_times_out_and_counts_as_interrupted() {
    let smtp = SmtpServer::start().await;
    *smtp.answer.lock().unwrap() = "";
    let mailer = Mailer::start(&["--smtp-url", &smtp.url]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    let tried = mailer.until_tried(mail.id).await;
    let error = tried.error.unwrap();
    assert!(error.contains("no answer within 10 s"), "{error}");
    *smtp.answer.lock().unwrap() = "250 taken";
    mailer.until(mail.id, MailState::Sent).await;
    assert_eq!(mailer.status(mail.id).await.unwrap().interrupted, 1);
}

#[tokio::test]
async fn a_permanent_failure_is_given_up_with_its_reason() {
    let smtp = SmtpServer::start().await;
    *smtp.answer.lock().unwrap() = "550 no such user";
    let mailer = Mailer::start(&["--smtp-url", &smtp.url]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    mailer.until(mail.id, MailState::Failed).await;
    assert!(mailer.status(mail.id).await.unwrap().error.unwrap().contains("no such user"));
}

#[tokio::test]
async fn while_the_smtp_server_is_down_mails_wait() {
    let mailer = Mailer::start(&["--smtp-url", "smtp://127.0.0.1:9"]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    mailer.until_tried(mail.id).await;
    let smtp = SmtpServer::start().await;
    let mailer = Mailer::start_in(mailer.stop().await, &["--smtp-url", &smtp.url]).await;
    mailer.until(mail.id, MailState::Sent).await;
}

#[tokio::test]
async fn a_request_that_cannot_become_a_mail_is_refused() {
    let mailer = Mailer::start(&[]).await;
    let bad = MailRequest { to: "nobody".to_owned(), ..request() };
    let answer = mailer.post(std::slice::from_ref(&bad)).await;
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("the recipient `nobody` is not a mail address"));
    assert!(mailer.status(bad.id).await.is_none());
    let long = MailRequest { to: "nobody".repeat(10_000), ..request() };
    assert!(mailer.post(&[long]).await.text().await.unwrap().len() < 1000, "the reason is short");
}

#[tokio::test]
async fn the_states_of_mails_are_found_by_their_ids() {
    let mailer = Mailer::start(&["--smtp-url", "smtp://127.0.0.1:9"]).await;
    let mails = [request(), request(), request()];
    mailer.post(&mails).await;
    let get = async |ids: &str| mailer.client.get(format!("{}/api/mails?id={ids}", mailer.url)).send().await.unwrap();
    let wanted = format!("{},{},{}", mails[2].id, Uuid::nil(), mails[0].id);
    let found: Vec<MailStatus> = get(&wanted).await.json().await.unwrap();
    let found: BTreeSet<Uuid> = found.into_iter().map(|mail| mail.id).collect();
    assert_eq!(found, [mails[0].id, mails[2].id].into(), "without the unknown one");
    let too_many = vec![mails[0].id.to_string(); 201].join(",");
    for bad in ["", "nonsense", too_many.as_str()] {
        let answer = get(bad).await;
        assert_eq!(answer.status(), 400);
        assert!(answer.text().await.unwrap().contains("1 to 200 UUIDs with commas between them"));
    }
}

#[tokio::test]
async fn mails_can_go_into_files() {
    let directory = tempfile::tempdir().unwrap();
    let mailer = Mailer::start(&["--mail-dir", &directory.path().display().to_string()]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    mailer.until(mail.id, MailState::Sent).await;
    let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert!(std::fs::read_to_string(&files[0]).unwrap().contains(&mail.id.to_string()));
}
