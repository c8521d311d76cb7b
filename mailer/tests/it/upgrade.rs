//! A database of an earlier version opens, and all that it holds goes on.
//!
//! A dump is never changed: it fails here where a migration is edited that a version already had. Each version adds its own.

use domain::mail_request::{MailRequest, MailState};
use mailer::store::Store;
use runtime::kafka::positions::Partition;
use runtime::testing::restore_sqlite;
use uuid::Uuid;

use crate::support::{Mailer, SmtpServer, request};

/// Each version and its database.
const DUMPS: [(&str, &str); 1] = [("0.1.0", include_str!("upgrade/0.1.0.sql"))];

/// The ids of the mails in the dumps end in their number.
const FIRST: u128 = 0x0192f0c1_aaaa_5000_8000_000000000001;

#[tokio::test]
async fn the_mails_of_earlier_versions_go_on() {
    let [sent, queued, claimed, failed] = [0, 1, 2, 3].map(|number| Uuid::from_u128(FIRST + number));
    for (version, dump) in DUMPS {
        let directory = tempfile::tempdir().unwrap();
        restore_sqlite(&directory.path().join("mails.db"), dump).await;
        let smtp = SmtpServer::start().await;
        // The dump is from 2023: a century is kept.
        let flags = ["--smtp-url", &smtp.url, "--mail-ttl", "3153600000"];
        let mailer = Mailer::start_in(directory, &flags).await;
        mailer.until(queued, MailState::Sent).await;
        mailer.until(claimed, MailState::Sent).await;
        assert_eq!(mailer.status(queued).await.unwrap().attempts, 3, "{version}");
        assert_eq!(mailer.status(claimed).await.unwrap().interrupted, 1, "{version}: it may have gone out before");
        let given_up = mailer.status(failed).await.unwrap();
        assert_eq!((given_up.state, given_up.error.as_deref()), (MailState::Failed, Some("SMTP: no such user")));

        // What was sent before is not sent again; a mail after it would come later.
        let (again, new) = (MailRequest { id: sent, ..request() }, request());
        assert_eq!(mailer.post(&[again]).await.status(), 202, "{version}");
        assert_eq!(mailer.post(std::slice::from_ref(&new)).await.status(), 202, "{version}");
        mailer.until(new.id, MailState::Sent).await;
        let mails = smtp.mails.lock().unwrap().clone();
        assert!(mails.len() == 3 && mails.iter().all(|mail| !mail.contains(&sent.to_string())), "{version}: {mails:?}");

        let directory = mailer.stop().await;
        let store = Store::open(&format!("sqlite://{}/mails.db", directory.path().display())).await.unwrap();
        let partition = Partition { topic: "mail-requests".to_owned(), number: 0 };
        let positions = store.positions(std::slice::from_ref(&partition)).await.unwrap();
        assert_eq!(positions.get(&partition), Some(&3), "{version}");
    }
}
