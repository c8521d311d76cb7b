//! Alerts become mails: once each, as soon as the mailer is up.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use domain::Route;
use domain::ledger::Seen;
use runtime::testing::until;

use crate::support::{Consumer, FakeMailer, event, press};

#[tokio::test]
async fn three_presses_within_a_second_make_one_mail() {
    let mailer = FakeMailer::default();
    let url = mailer.start().await;
    let consumer = Consumer::start(&["--mailer-url", &url, "--mail-to", "boss@example.com"]).await;
    consumer.deliver(&[press(1), event(2), press(3)]).await;
    consumer.deliver(&[press(4)]).await;
    // Duplicates have no effect.
    consumer.deliver(&[press(1), press(3), press(4)]).await;
    until("the mail is there", async || !mailer.taken.lock().unwrap().is_empty()).await;
    let taken = mailer.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].to, "boss@example.com");
    assert_eq!(taken[0].subject, "Steady clicks from 127.0.0.1");
}

#[tokio::test]
async fn without_deduplication_events_that_come_again_make_another_mail() {
    for guarantee in ["at-most-once", "http-push=at-least-once"] {
        let mailer = FakeMailer::default();
        let url = mailer.start().await;
        let consumer = Consumer::start(&["--mailer-url", &url, "--guarantee", guarantee]).await;
        let presses = [press(1), press(2), press(3)];
        assert_eq!(consumer.deliver(&presses).await, [Seen::New; 3]);
        assert_eq!(consumer.deliver(&presses).await, [Seen::Duplicate; 3], "{guarantee}: the ledger says so");
        until("both mails are there", async || mailer.taken.lock().unwrap().len() == 2).await;
        let ids: BTreeSet<_> = mailer.taken.lock().unwrap().iter().map(|mail| mail.id).collect();
        assert_eq!(ids.len(), 2, "{guarantee}: the mailer sends each id once");
        let balance = consumer.balance(Route::HttpPush).await;
        assert_eq!((balance.processed, balance.duplicates, balance.residual), (3, 3, 0), "{guarantee}");
    }
}

#[tokio::test]
async fn a_mail_waits_in_the_outbox_while_the_mailer_is_down_and_over_a_restart() {
    let mailer = FakeMailer::default();
    let url = mailer.start().await;
    mailer.down.store(true, Ordering::Relaxed);
    let consumer = Consumer::start(&["--mailer-url", &url]).await;
    consumer.deliver(&[press(1), press(2), press(3)]).await;
    let directory = consumer.stop().await;
    assert!(mailer.taken.lock().unwrap().is_empty());
    mailer.down.store(false, Ordering::Relaxed);
    let _consumer = Consumer::start_in(directory, &["--mailer-url", &url]).await;
    until("the mail is there", async || mailer.taken.lock().unwrap().len() == 1).await;
}
