//! The mailer's metrics.

use runtime::telemetry::Metric::{self, Counter, Gauge};

/// Every metric of the mailer.
pub const METRICS: &[Metric] = &[
    Counter("ese_mail_requests_total", "Mail requests accepted, new or duplicate"),
    Counter("ese_mail_attempts_total", "Tries to deliver a mail, by outcome: sent, retry or failed"),
    Gauge("ese_mails_waiting", "Mails accepted and neither sent nor given up"),
    Gauge("ese_dependency_up", "Whether a server that this service needs answers: postgres; 1 or 0"),
    Gauge("ese_kept_rows", "Mails in the database"),
    Gauge("ese_kept_bytes", "About the bytes of mails in the database"),
    Counter("ese_pruned_rows_total", "Mails that were sent or given up, and were too old, or too many"),
    Counter("ese_dead_letters_total", "Records that cannot be processed, by topic"),
    Counter("ese_kafka_expired_unread_records_total", "Records that Kafka deleted before they were read, by topic"),
];
