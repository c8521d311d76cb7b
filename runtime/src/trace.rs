//! Traces: the spans of an event in its W3C trace context, exported over OTLP where an endpoint is set.
//!
//! Without an endpoint every span is `None`. The exporter's queue is bounded and drops spans when it is full, so that a slow
//! collector slows nothing down.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use domain::Timestamp;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, TraceContextExt, Tracer, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

/// How long the collector may take for one export.
const TIMEOUT: Duration = Duration::from_secs(5);

static EXPORT: OnceLock<(SdkTracer, SdkTracerProvider)> = OnceLock::new();

/// Exports the spans of `service` to the collector at `endpoint`, such as `http://127.0.0.1:4318`; once a process.
pub fn init(service: &'static str, endpoint: &str) -> anyhow::Result<()> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(TIMEOUT)
        .build()
        .context("traces cannot be exported")?;
    let resource = Resource::builder().with_service_name(service).build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    drop(EXPORT.set((provider.tracer("ese"), provider)));
    Ok(())
}

/// Exports the queued spans at the end of the process; blocks, at most for one export.
pub fn flush() {
    if let Some((_, provider)) = EXPORT.get()
        && let Err(error) = provider.shutdown_with_timeout(TIMEOUT)
    {
        tracing::warn!(%error, "the last traces were not exported");
    }
}

/// A span that has begun and not ended.
#[derive(Debug)]
pub struct Span(opentelemetry_sdk::trace::Span);

/// Begins a span of the trace in `traceparent`; none without an endpoint or for a trace that is not sampled.
pub fn begin(
    name: &'static str,
    traceparent: Option<&str>,
    at: Timestamp,
    attributes: impl FnOnce() -> Vec<(&'static str, String)>,
) -> Option<Span> {
    let (tracer, _) = EXPORT.get()?;
    let parent = parse(traceparent?)?;
    let attributes = attributes().into_iter().map(|(name, value)| KeyValue::new(name, value));
    let span = SpanBuilder::from_name(name).with_kind(SpanKind::Internal).with_start_time(time(at));
    let span = span.with_attributes(attributes);
    Some(Span(tracer.build_with_context(span, &parent)))
}

impl Span {
    /// The trace context for the next span.
    pub fn traceparent(&self) -> String {
        let context = self.0.span_context();
        format!("00-{}-{}-{:02x}", context.trace_id(), context.span_id(), context.trace_flags())
    }

    /// Ends the span.
    pub fn end(mut self, at: Timestamp) {
        self.0.end_with_timestamp(time(at));
    }
}

fn time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap_or_default())
}

/// The remote parent in a W3C `traceparent`; none if it is malformed or not sampled.
fn parse(traceparent: &str) -> Option<Context> {
    let headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    let sampled = parent.span().span_context().is_sampled();
    sampled.then_some(parent)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::post;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;
    use tokio::sync::mpsc;

    use super::*;

    const PARENT: &str = "00-0192f0c123457abc8def0123456789ab-8def0123456789ab-01";

    #[test]
    fn only_valid_sampled_contexts_are_followed() {
        assert!(parse(PARENT).is_some());
        for nothing in
            ["", "00", &PARENT.replace("-01", "-00"), &PARENT.replace("00-", "ff-"), &PARENT.replace('a', "g")]
        {
            assert!(parse(nothing).is_none(), "{nothing}");
        }
        assert!(parse("00-00000000000000000000000000000000-0000000000000000-01").is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spans_reach_the_collector_as_children_of_each_other() {
        assert!(begin("before init", Some(PARENT), Timestamp::default(), Vec::new).is_none());
        let (sender, mut received) = mpsc::unbounded_channel();
        let take = async move |body: Bytes| sender.send(ExportTraceServiceRequest::decode(body).unwrap()).unwrap();
        let endpoint = crate::testing::serve(axum::Router::new().route("/v1/traces", post(take))).await;

        init("backend", &endpoint).unwrap();
        let attributes = || vec![("event.id", "17".to_owned())];
        let first = begin("ingest", Some(PARENT), Timestamp::from_millis(1), attributes).unwrap();
        let parent = first.traceparent();
        let second = begin("process", Some(&parent), Timestamp::from_millis(2), Vec::new).unwrap();
        first.end(Timestamp::from_millis(3));
        second.end(Timestamp::from_millis(4));
        tokio::task::spawn_blocking(flush).await.unwrap();

        let request = received.recv().await.unwrap();
        let spans = &request.resource_spans[0].scope_spans[0].spans;
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["ingest", "process"]);
        assert!(spans.iter().all(|span| hex(&span.trace_id) == PARENT[3..35]));
        assert_eq!(hex(&spans[0].parent_span_id), PARENT[36..52]);
        assert_eq!(spans[1].parent_span_id, spans[0].span_id);
        assert_eq!((spans[0].start_time_unix_nano, spans[0].end_time_unix_nano), (1_000_000, 3_000_000));
        assert_eq!(spans[0].attributes[0].key, "event.id");
    }
}
