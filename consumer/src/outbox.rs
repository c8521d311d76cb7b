//! Takes mails from the outbox to the mailer, at least once; the mailer sends each id once.

use std::sync::Arc;
use std::time::Duration;

use domain::mail_request::MailRequest;
use futures_util::future::try_join_all;
use rdkafka::error::KafkaError;
use rdkafka::producer::FutureRecord;
use runtime::backoff::Backoff;
use runtime::database::Database;
use runtime::injected_bug::InjectedBug;
use runtime::kafka::{BROKEN, Producer, access, is_broken};
use runtime::repeats::Repeats;
use tokio_util::sync::CancellationToken;

use crate::process::Process;
use crate::store::{StoreError, alerts};

/// How many mails go at once.
const LIMIT: i64 = 100;
/// How often to look without a notification: another consumer may have died with mails in the outbox.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The way to the mailer.
pub enum Carrier {
    /// POST to the mailer, which answers when it has them durably.
    Http {
        /// How to post.
        client: reqwest::Client,
        /// Where.
        url: String,
    },
    /// Records in Kafka; done when the delivery report is there.
    Kafka {
        /// How to produce.
        producer: Producer,
        /// The topic of mail requests.
        topic: String,
    },
}

#[derive(Debug, thiserror::Error)]
enum OutboxError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the mailer cannot be reached")]
    Http(#[from] reqwest::Error),
    #[error("the broker did not take the mail requests")]
    Kafka(#[from] KafkaError),
    #[error("a mail request cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Delivers until the service stops.
pub async fn deliver(
    carrier: Carrier,
    process: Arc<Process>,
    database: Database,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let (mut backoff, mut repeats) = (Backoff::default(), Repeats::new());
    while !stop.is_cancelled() {
        match deliver_some(&carrier, &database).await {
            Ok(0) => {
                let notified = tokio::time::timeout(LOOK_AGAIN, process.new_mail.notified());
                stop.run_until_cancelled(notified).await;
            }
            Ok(_) => {
                backoff.reset();
                repeats = Repeats::new();
            }
            Err(OutboxError::Kafka(error)) if is_broken(&error) => {
                return Err(anyhow::Error::new(error).context(BROKEN));
            }
            Err(error) => {
                if repeats.is_new(&format!("{error:?}")) {
                    tracing::warn!(error = &error as &dyn std::error::Error, "mails wait in the outbox; trying again");
                }
                stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait())).await;
            }
        }
    }
    Ok(())
}

async fn deliver_some(carrier: &Carrier, database: &Database) -> Result<usize, OutboxError> {
    metrics::gauge!("ese_outbox_mails").set(alerts::waiting(&database.reader).await? as f64);
    let mails = alerts::outbox(&database.reader, LIMIT).await?;
    if mails.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = mails.iter().map(|mail| mail.id).collect();
    if InjectedBug::LoseMail.is_active() {
        alerts::handed_over(&database.writer, &ids).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    match carrier {
        Carrier::Http { client, url } => {
            client.post(url).json(&mails).send().await?.error_for_status()?;
        }
        Carrier::Kafka { producer, topic } => {
            try_join_all(mails.iter().map(|mail| produce(producer, topic, mail))).await?;
        }
    }
    alerts::handed_over(&database.writer, &ids).await?;
    metrics::counter!("ese_outbox_handed_over_mails_total").increment(mails.len() as u64);
    Ok(mails.len())
}

async fn produce(producer: &Producer, topic: &str, mail: &MailRequest) -> Result<(), OutboxError> {
    let (key, payload) = (mail.id.to_string(), serde_json::to_vec(mail)?);
    let record = FutureRecord::to(topic).key(&key).payload(&payload);
    let sent = producer.send(record, Duration::from_secs(5)).await;
    sent.map_err(|(error, _)| error).inspect_err(|error| access::note_error(error, topic))?;
    Ok(())
}
