//! The consumer's metrics.

use runtime::telemetry::Metric::{self, Counter, Gauge, Seconds};

/// Every metric of the consumer.
pub const METRICS: &[Metric] = &[
    Counter("ese_processed_events_total", "Events that came to the ledger, by route: new, duplicate or refused"),
    Seconds("ese_producer_hop_seconds", "From the client's emission to the backend's receipt, across two clocks"),
    Seconds("ese_route_hop_seconds", "From the backend's receipt to the consumer's source, across two clocks"),
    Seconds("ese_process_hop_seconds", "From the consumer's source to the commit"),
    Gauge("ese_consumer_lag_events", "Events that wait on a route"),
    Gauge("ese_consumer_lag_seconds", "For how long a route was not seen empty; 0 while it is"),
    Gauge("ese_ledger_events", "The ledger over all sessions, by route and term"),
    Gauge("ese_ledger_residual_events", "The residual of the ledger's identity; anything but 0 is a bug"),
    Counter("ese_alerts_total", "Alerts, by use case and route"),
    Gauge("ese_outbox_mails", "Mail requests that the mailer does not have yet"),
    Counter("ese_outbox_handed_over_mails_total", "Mail requests handed over to the mailer"),
    Gauge("ese_dependency_up", "Whether a server that this service needs answers: postgres, kafka or backend; 1 or 0"),
    Gauge("ese_kept_rows", "Rows of ledgers, rule states and alerts"),
    Gauge("ese_kept_bytes", "About the bytes of ledgers, rule states and alerts"),
    Counter("ese_pruned_rows_total", "Rows of ledgers, rule states and alerts that were too old, or too many"),
    Gauge("ese_guarantee", "The guarantee of a route: 0 at most once, 1 at least once, 2 effectively once"),
    Counter("ese_dead_letters_total", "Records that cannot be processed, by topic"),
    Counter("ese_kafka_expired_unread_records_total", "Records that Kafka deleted before they were read, by topic"),
];
