//! The topic `mail-requests`: a batch of requests and the positions after it come into the record together.

use std::collections::BTreeMap;

use domain::mail::MailRequest;
use rdkafka::Message;
use rdkafka::message::BorrowedMessage;
use runtime::kafka::follow;
use runtime::kafka::positions::{Move, Partition};

use super::Intake;
use crate::store::StoreError;

/// The record as what follows the topic.
pub struct Books(pub Intake);

impl follow::Books for Books {
    type Item = MailRequest;
    type Error = StoreError;

    async fn positions(&self, of: &[Partition]) -> Result<BTreeMap<Partition, i64>, StoreError> {
        self.0.store.positions(of).await
    }

    fn read(&self, record: &BorrowedMessage<'_>) -> Result<MailRequest, String> {
        let request: MailRequest =
            serde_json::from_slice(record.payload().unwrap_or_default()).map_err(|error| error.to_string())?;
        Intake::check(&request).map_err(|error| error.to_string())?;
        Ok(request)
    }

    async fn take(&self, requests: Vec<MailRequest>, moves: &[Move]) -> Result<(), StoreError> {
        self.0.take(&requests, moves).await
    }
}
