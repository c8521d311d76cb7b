//! The topic of mail requests: a batch of requests and the positions after it are stored in one transaction.

use std::collections::BTreeMap;

use domain::mail_request::MailRequest;
use rdkafka::Message;
use rdkafka::message::BorrowedMessage;
use runtime::kafka::consumer_loop;
use runtime::kafka::positions::{Move, Partition};

use super::MailQueue;
use crate::store::StoreError;

/// Adds the requests of the topic to the queue.
pub struct RequestProcessor(pub MailQueue);

impl consumer_loop::Processor for RequestProcessor {
    type Item = MailRequest;
    type Error = StoreError;

    async fn positions(&self, of: &[Partition]) -> Result<BTreeMap<Partition, i64>, StoreError> {
        self.0.store.positions(of).await
    }

    fn parse(&self, record: &BorrowedMessage<'_>) -> Result<MailRequest, String> {
        let request: MailRequest =
            serde_json::from_slice(record.payload().unwrap_or_default()).map_err(|error| error.to_string())?;
        MailQueue::check(&request).map_err(|error| error.to_string())?;
        Ok(request)
    }

    async fn process(&self, requests: Vec<MailRequest>, moves: &[Move]) -> Result<(), StoreError> {
        self.0.add(&requests, moves).await
    }
}
