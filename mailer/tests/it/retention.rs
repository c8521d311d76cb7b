//! Mails that were sent or given up go after a while; those that wait stay.

use domain::Timestamp;
use domain::api::{DiskView, Kept};
use domain::mail_request::MailState;
use mailer::store::{Outcome, Store};
use runtime::retention::Prune;
use runtime::testing::{new_postgres, until};

use crate::support::{Mailer, SmtpServer, request};

async fn settled_mails_go_and_waiting_ones_stay(url: &str) {
    let (store, at) = (Store::open(url).await.unwrap(), Timestamp::from_millis);
    store.add(&[request(), request(), request()], &[], at(1000)).await.unwrap();
    let claimed = store.claim(at(1000), at(60_000), 2).await.unwrap();
    for (claim, state) in claimed.iter().zip([MailState::Sent, MailState::Failed]) {
        let outcome = Outcome { state, error: String::new(), interrupted: false, due: at(0) };
        store.settle(claim, &outcome, at(3000)).await.unwrap();
    }
    let size = store.size().await.unwrap();
    assert!(size.rows == 3 && size.bytes > 3 * 256, "{size:?}");
    assert_eq!(store.prune(at(3000)).await.unwrap().rows, 0);
    let pruned = store.prune(at(3001)).await.unwrap();
    let rest = store.size().await.unwrap();
    assert_eq!((pruned.rows, rest.rows, pruned.bytes + rest.bytes), (2, 1, size.bytes));
    assert_eq!(store.prune(Timestamp::MAX).await.unwrap().rows, 0);
    assert_eq!((store.waiting().await.unwrap(), store.latest(9).await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn settled_mails_go_and_waiting_ones_stay_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    settled_mails_go_and_waiting_ones_stay(&format!("sqlite://{}/mails.db", directory.path().display())).await;
}

#[tokio::test]
async fn settled_mails_go_and_waiting_ones_stay_on_postgresql() {
    let Some(url) = new_postgres("mailer_retention").await else { return };
    settled_mails_go_and_waiting_ones_stay(&url).await;
}

#[tokio::test]
async fn the_mailer_prunes_and_shows_what_is_left() {
    let smtp = SmtpServer::start().await;
    let mailer = Mailer::start(&["--smtp-url", &smtp.url]).await;
    let mail = request();
    mailer.post(std::slice::from_ref(&mail)).await;
    mailer.until(mail.id, MailState::Sent).await;
    let flags = ["--smtp-url", &smtp.url, "--mail-ttl", "0", "--mail-bytes", "1000"];
    let mailer = Mailer::start_in(mailer.stop().await, &flags).await;
    until("the mail is gone and its place is free", async || {
        let answer = mailer.client.get(format!("{}/api/disk/mailer", mailer.url)).send().await.unwrap();
        let disk: DiskView = answer.json().await.unwrap();
        let bounds = |kept: &Kept| (kept.what == "mails", kept.rows, kept.most_bytes, kept.ttl_seconds);
        disk.kept.iter().map(bounds).eq([(true, 0, 1000, 0)])
    })
    .await;
    assert!(mailer.status(mail.id).await.is_none());
}
