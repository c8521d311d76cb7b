//! The backend's metrics.

use runtime::telemetry::Metric::{self, Counter, Gauge, Seconds};

/// Every metric of the backend.
pub const METRICS: &[Metric] = &[
    Counter("ese_ingest_events_total", "Events by route and outcome: accepted, duplicate, rejected or retry"),
    Counter("ese_ingest_invalid_events_total", "Invalid events, refused before any route"),
    Counter(
        "ese_key_over_limit_total",
        "Requests refused with 429, by the name of the write key and the limit: events or bytes",
    ),
    Counter("ese_kafka_rest_records_total", "Plain records produced for clients of the Kafka REST paths, by outcome"),
    Seconds("ese_sink_seconds", "From sending a batch over a route until its verdicts"),
    Gauge("ese_queue_bytes", "Bytes of events that wait for a route or are under way"),
    Gauge("ese_store_bytes", "Bytes of the events in http-poll's store; past --store-bytes events are refused"),
    Gauge(
        "ese_store_oldest_expires_seconds",
        "Until the oldest event of http-poll's store expires that the consumer has not processed; NaN if there is none",
    ),
    Gauge("ese_dependency_up", "Whether a server that this service needs answers: postgres; 1 or 0"),
    Gauge("ese_guarantee", "The guarantee of a route: 0 at most once, 1 at least once, 2 effectively once"),
    Counter("ese_store_expired_unread_events_total", "Events that left the store of http-poll unread"),
];
