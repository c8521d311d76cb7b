//! Traces: an event's way as spans of its W3C trace context, exported over OTLP where an endpoint is set.
//!
//! Elsewhere nothing is made and nothing is kept: every hop is `None`. The exporter's queue is bounded, and drops
//! what it cannot hold: a collector that is slow or away slows nothing down.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use domain::Timestamp;
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

/// How long the collector may take for one export.
const TIMEOUT: Duration = Duration::from_secs(5);

static EXPORT: OnceLock<(SdkTracer, SdkTracerProvider)> = OnceLock::new();

/// Exports the hops of `service` to the collector at `endpoint`, such as `http://127.0.0.1:4318`; once a process.
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

/// Exports what waits, at the end of the process; blocks, at most for one export.
pub fn flush() {
    if let Some((_, provider)) = EXPORT.get()
        && let Err(error) = provider.shutdown_with_timeout(TIMEOUT)
    {
        tracing::warn!(%error, "the last traces were not exported");
    }
}

/// A stretch of an event's way, begun and not ended.
#[derive(Debug)]
pub struct Span(opentelemetry_sdk::trace::Span);

/// Begins a hop of the trace in `traceparent`, unless nobody exports, or the emitter wants no trace.
pub fn begin(
    name: &'static str,
    traceparent: Option<&str>,
    at: Timestamp,
    notes: impl FnOnce() -> Vec<(&'static str, String)>,
) -> Option<Span> {
    let (tracer, _) = EXPORT.get()?;
    let parent = Context::new().with_remote_span_context(parse(traceparent?)?);
    let notes: Vec<KeyValue> = notes().into_iter().map(|(name, value)| KeyValue::new(name, value)).collect();
    let span =
        SpanBuilder::from_name(name).with_kind(SpanKind::Internal).with_start_time(time(at)).with_attributes(notes);
    Some(Span(tracer.build_with_context(span, &parent)))
}

impl Span {
    /// What the next hop belongs to.
    pub fn traceparent(&self) -> String {
        let context = self.0.span_context();
        format!("00-{}-{}-{:02x}", context.trace_id(), context.span_id(), context.trace_flags())
    }

    /// Ends it.
    pub fn end(mut self, at: Timestamp) {
        self.0.end_with_timestamp(time(at));
    }
}

fn time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap_or_default())
}

/// W3C Trace Context, version 00; none if it is something else, or says that nobody samples it.
fn parse(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "00" || trace.len() != 32 || span.len() != 16 || flags.len() != 2 || parts.next().is_some() {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    (context.is_valid() && context.is_sampled()).then_some(context)
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
    fn only_sampled_contexts_of_version_00_are_followed() {
        assert!(parse(PARENT).is_some());
        for nothing in
            ["", "00", &PARENT.replace("-01", "-00"), &PARENT.replace("00-", "ff-"), &PARENT.replace('a', "g")]
        {
            assert!(parse(nothing).is_none(), "{nothing}");
        }
        assert!(parse("00-00000000000000000000000000000000-0000000000000000-01").is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn hops_reach_the_collector_as_children_of_each_other() {
        assert!(begin("nobody exports yet", Some(PARENT), Timestamp::default(), Vec::new).is_none());
        let (sender, mut received) = mpsc::unbounded_channel();
        let take = async move |body: Bytes| sender.send(ExportTraceServiceRequest::decode(body).unwrap()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let collector = axum::Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, collector).await });

        init("backend", &endpoint).unwrap();
        let notes = || vec![("event.id", "17".to_owned())];
        let first = begin("ingest", Some(PARENT), Timestamp::from_millis(1), notes).unwrap();
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
