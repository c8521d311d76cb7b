//! How mail requests come; each source answers, or moves on, only when the record has them.

pub mod http;
pub mod kafka;

use std::sync::Arc;

use axum::extract::FromRef;
use domain::mail::MailRequest;
use runtime::admission::Admission;
use runtime::clock;
use runtime::kafka::positions::Move;
use tokio::sync::Notify;

use crate::message::{self, BadRequest};
use crate::store::{Store, StoreError};

/// The way into the record.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The record.
    pub store: Store,
    /// Rung when something new is in it.
    pub new: Arc<Notify>,
    /// Room for bodies that are read.
    pub admission: Admission,
}

impl FromRef<Intake> for Admission {
    fn from_ref(intake: &Intake) -> Self {
        intake.admission.clone()
    }
}

impl Intake {
    /// Refuses what can never be sent.
    pub fn check(request: &MailRequest) -> Result<(), BadRequest> {
        message::compose(request).map(drop)
    }

    /// Takes requests durably, together with the moves of the source that has them.
    pub async fn take(&self, requests: &[MailRequest], moves: &[Move]) -> Result<(), StoreError> {
        let new = self.store.take(requests, moves, clock::now()).await?;
        metrics::counter!("ese_mail_requests_total", "seen" => "new").increment(new);
        metrics::counter!("ese_mail_requests_total", "seen" => "duplicate").increment(requests.len() as u64 - new);
        self.new.notify_one();
        Ok(())
    }
}
