//! Two mailers on one PostgreSQL database. Needs ESE_TEST_POSTGRES.

use domain::Timestamp;
use domain::mail_request::MailRequest;
use mailer::store::{Store, StoreError};
use runtime::kafka::positions::{Move, Partition};

use runtime::testing::new_postgres;

use crate::support::request;

#[tokio::test(flavor = "multi_thread")]
async fn two_mailers_that_move_the_same_positions_never_deadlock() {
    let Some(url) = new_postgres("mailer_positions").await else { return };
    let (here, there) = (Store::open(&url).await.unwrap(), Store::open(&url).await.unwrap());
    for from in 0..20 {
        let step = |number| Move {
            partition: Partition { topic: "mail-requests".to_owned(), number },
            from,
            to: from + 1,
            expired: 0,
        };
        let moves: Vec<Move> = (0..20).map(step).collect();
        let reversed: Vec<Move> = moves.iter().rev().cloned().collect();
        let (requests, now) = ([request()], Timestamp::default());
        let added = tokio::join!(here.add(&requests, &moves, now), there.add(&requests, &reversed, now));
        let one_had_effect = matches!(added, (Ok(1), Err(StoreError::Moved(_))) | (Err(StoreError::Moved(_)), Ok(1)));
        assert!(one_had_effect, "{added:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_mailers_that_take_the_same_requests_never_deadlock() {
    let Some(url) = new_postgres("mailer_requests").await else { return };
    let (here, there) = (Store::open(&url).await.unwrap(), Store::open(&url).await.unwrap());
    for _ in 0..20 {
        let requests: Vec<MailRequest> = (0..20).map(|_| request()).collect();
        let reversed: Vec<MailRequest> = requests.iter().rev().cloned().collect();
        let now = Timestamp::default();
        let (here, there) = tokio::join!(here.add(&requests, &[], now), there.add(&reversed, &[], now));
        assert_eq!(here.unwrap() + there.unwrap(), 20, "each request is new once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_tls_is_asked_of_the_server() {
    let Some(url) = new_postgres("mailer_tls").await else { return };
    let error = Store::open(&format!("{url}?sslmode=require")).await.err().unwrap();
    // The server for tests has none; a program without TLS would not ask it.
    assert!(format!("{error:#}").contains("server does not support TLS"), "{error:#}");
}
