//! The sources of mail requests; each answers, or moves its position, only once the database has them.

pub mod http;
pub mod kafka;

use std::sync::Arc;

use axum::extract::FromRef;
use domain::mail_request::MailRequest;
use runtime::admission::Admission;
use runtime::clock;
use runtime::kafka::positions::Move;
use runtime::retention::Measured;
use tokio::sync::Notify;

use crate::smtp_message::{self, BadRequest};
use crate::store::{Store, StoreError};

/// The queue of mails, and the state of the HTTP handlers.
#[derive(Clone, Debug)]
pub struct MailQueue {
    /// The stored requests.
    pub store: Store,
    /// Notified of new requests.
    pub new: Arc<Notify>,
    /// What the database has, as it was measured last.
    pub measured: Measured,
    /// Room for bodies that are read.
    pub admission: Admission,
}

impl FromRef<MailQueue> for Admission {
    fn from_ref(queue: &MailQueue) -> Self {
        queue.admission.clone()
    }
}

impl MailQueue {
    /// Refuses a request that cannot become a mail.
    pub fn check(request: &MailRequest) -> Result<(), BadRequest> {
        smtp_message::compose(request).map(drop)
    }

    /// Stores requests durably, together with the moves of their source.
    pub async fn add(&self, requests: &[MailRequest], moves: &[Move]) -> Result<(), StoreError> {
        let new = self.store.add(requests, moves, clock::now()).await?;
        metrics::counter!("ese_mail_requests_total", "seen" => "new").increment(new);
        metrics::counter!("ese_mail_requests_total", "seen" => "duplicate").increment(requests.len() as u64 - new);
        self.new.notify_one();
        Ok(())
    }
}
