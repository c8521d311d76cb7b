//! Requests to the backend and the consumer.

use std::cell::Cell;

use domain::SessionId;
use domain::api::{BATCH, IngestReply, SessionReport};
use js_sys::{Reflect, encode_uri_component};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Headers, ReadableWritablePair, RequestInit, Response};

use super::Config;
use crate::tracker::{Answer, Request};
use crate::{client_ledger, json};

/// The timeout of a request in milliseconds, longer than http-push may take.
const TIMEOUT_MS: u32 = 20_000;
/// Smaller bodies go as they are: one packet takes them anyway.
const GZIP_FROM: usize = 1_000;
/// Browsers take 64 KiB of bodies for requests that outlive a page; the reports need some of it.
pub(super) const LAST_BYTES: usize = 48 * 1024;

const UNREACHABLE: &str = "the server cannot be reached";

#[wasm_bindgen]
extern "C" {
    type CompressionStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;
}

thread_local! {
    /// A server or a proxy refused gzip.
    static NO_GZIP: Cell<bool> = const { Cell::new(false) };
}

/// Sends a batch, unless tracking has `ended` meanwhile.
pub(super) async fn post(config: &Config, request: &Request, ended: impl Fn() -> bool) -> Answer {
    match try_post(config, request, ended).await {
        Ok(answer) => answer,
        Err(_) => Answer::Unreachable(UNREACHABLE.to_owned()),
    }
}

async fn try_post(config: &Config, request: &Request, ended: impl Fn() -> bool) -> Result<Answer, JsValue> {
    let (url, plain) = (events_url(config, request), JsValue::from_str(&request.body));
    let small = if request.body.len() >= GZIP_FROM && !NO_GZIP.get() { gzip(&plain).await.ok() } else { None };
    if ended() {
        return Err(JsValue::NULL);
    }
    let mut response = fetch(config, &url, BATCH, small.as_ref().unwrap_or(&plain), small.is_some()).await?;
    if response.status() == 415 && small.is_some() && !ended() {
        NO_GZIP.set(true);
        response = fetch(config, &url, BATCH, &plain, false).await?;
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    if response.status() == 200 {
        return Ok(json::read::<IngestReply>(&text).map_or_else(Answer::Unreachable, Answer::Reply));
    }
    let retry_after = response.headers().get("retry-after")?;
    Ok(Answer::refused(response.status(), response.status_text(), retry_after.as_deref(), &text))
}

async fn gzip(body: &JsValue) -> Result<JsValue, JsValue> {
    let parts = js_sys::Array::of1(body);
    let whole = Response::new_with_opt_blob(Some(&Blob::new_with_str_sequence(&parts)?))?;
    let stream = CompressionStream::new("gzip")?;
    let pair: &ReadableWritablePair = stream.unchecked_ref();
    let small = whole.body().ok_or(JsValue::NULL)?.pipe_through(pair);
    JsFuture::from(Response::new_with_opt_readable_stream(Some(&small))?.array_buffer()?).await
}

async fn fetch(config: &Config, url: &str, kind: &str, body: &JsValue, gzip: bool) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", kind)?;
    if gzip {
        headers.set("content-encoding", "gzip")?;
    }
    if let Some(key) = &config.key {
        headers.set("authorization", &format!("Bearer {key}"))?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers_headers(&headers);
    init.set_body(body);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    JsFuture::from(window.fetch_with_str_and_init(url, &init)).await?.dyn_into()
}

fn events_url(config: &Config, request: &Request) -> String {
    format!("{}/api/events?route={}", config.endpoint, request.route)
}

fn report_url(config: &Config, session: SessionId) -> String {
    format!("{}/api/sessions/{session}/report", config.endpoint)
}

/// Sends a report, and returns whether the consumer took it.
pub(super) async fn report(config: &Config, session: SessionId, report: &SessionReport) -> bool {
    let json = client_ledger::json(report);
    let url = report_url(config, session);
    fetch(config, &url, "application/json", &json.into(), false).await.is_ok_and(|response| response.ok())
}

/// Gives a batch to the browser, which sends it even after the page is closed.
pub(super) fn post_on_close(config: &Config, request: &Request) {
    last_fetch(&with_key(config, &events_url(config, request), '&'), BATCH, &request.body);
}

/// The same for a report.
pub(super) fn report_on_close(config: &Config, session: SessionId, report: &SessionReport) {
    let url = with_key(config, &report_url(config, session), '?');
    last_fetch(&url, "application/json", &client_ledger::json(report));
}

/// Not a beacon: a beacon has cookies, for which a server of another origin would have to name this page's origin.
fn last_fetch(url: &str, kind: &str, body: &str) {
    let (Some(window), Ok(headers)) = (web_sys::window(), Headers::new()) else { return };
    headers.set("content-type", kind).ok();
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers_headers(&headers);
    init.set_body(&body.into());
    Reflect::set(&init, &"keepalive".into(), &true.into()).ok();
    drop(window.fetch_with_str_and_init(url, &init));
}

/// The key is in the address: with fewer headers there are fewer preflights, for which a page that closes has no time.
fn with_key(config: &Config, url: &str, mark: char) -> String {
    match &config.key {
        Some(key) => format!("{url}{mark}key={}", String::from(encode_uri_component(key))),
        None => url.to_owned(),
    }
}
