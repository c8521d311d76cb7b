//! `ese.js`: the functions of the tracker for any page. `ese.js` exports them without `Now`, as `ese.d.ts` describes them.

use std::cell::RefCell;

use domain::event::{MAX_DATA_BYTES, MAX_TYPE_BYTES};
use domain::{Route, RouteChoice};
use js_sys::{Error, JSON, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser::consent;
use crate::{Config, Tracking, capture};

#[derive(Clone)]
struct Options {
    config: Config,
    keys: Vec<String>,
    ignore_dnt: bool,
}

#[derive(Default)]
struct State {
    options: Option<Options>,
    /// None where the visitor is not to be tracked.
    tracking: Option<Tracking>,
    /// Whether the visitor opted out and the site could not keep that: this page keeps it.
    opted_out: bool,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Starts with the attributes of the script element, unless the visitor does not want it.
///
/// # Errors
///
/// The route is unknown.
#[wasm_bindgen]
pub fn start(
    endpoint: &str,
    key: Option<String>,
    route: Option<String>,
    keys: Option<String>,
    ignore_dnt: bool,
) -> Result<(), Error> {
    let choice = match route {
        Some(route) => route.parse().map_err(|error| Error::new(&format!("data-route: {error}")))?,
        None => RouteChoice::One(Route::Kafka),
    };
    let keys = keys.unwrap_or_default().split(',').map(|key| key.trim().to_ascii_lowercase()).collect();
    let config = Config { endpoint: endpoint.trim_end_matches('/').to_owned(), key, choice };
    STATE.with_borrow_mut(|state| state.options = Some(Options { config, keys, ignore_dnt }));
    begin();
    if let Some(window) = web_sys::window() {
        // Another tab of this site opted out or in, perhaps while this page was in the back/forward cache.
        let changed = Closure::<dyn Fn()>::new(|| if consent::has_opted_out() { end() } else { begin() });
        for event in ["storage", "pageshow"] {
            window.add_event_listener_with_callback(event, changed.as_ref().unchecked_ref()).ok();
        }
        changed.forget();
    }
    Ok(())
}

fn begin() {
    STATE.with_borrow_mut(|state| {
        let Some(options) = state.options.clone().filter(|options| consent::may_track(options.ignore_dnt)) else {
            return;
        };
        if state.tracking.is_none() && !state.opted_out {
            let tracking = Tracking::start(options.config, |_, _| ());
            capture::clicks(&tracking);
            capture::inputs(&tracking);
            capture::navigations(&tracking);
            capture::keys(&tracking, move |key| options.keys.iter().any(|wanted| wanted == key));
            state.tracking = Some(tracking);
        }
    });
}

fn end() {
    if let Some(tracking) = STATE.with_borrow_mut(|state| state.tracking.take()) {
        tracking.end();
    }
}

/// Queues an event. Returns its id, or null where the visitor is not tracked.
///
/// # Errors
///
/// The type is not admitted, or the data is not JSON or too large.
#[wasm_bindgen(js_name = trackNow)]
pub fn track(kind: &str, data: &JsValue) -> Result<Option<String>, Error> {
    let Some(tracking) = STATE.with_borrow(|state| state.tracking.clone()) else { return Ok(None) };
    if !is_type(kind) {
        let why = format!(
            "the type must have 1 to {MAX_TYPE_BYTES} printable ASCII characters, such as com.example.signed-up"
        );
        return Err(Error::new(&why));
    }
    let data = if data.is_undefined() { "null".to_owned() } else { text_of(data)? };
    Ok(tracking.emit(kind, &data).map(|id| id.to_string()))
}

/// The form of a type; the server decides which are admitted.
fn is_type(kind: &str) -> bool {
    (1..=MAX_TYPE_BYTES).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_graphic())
}

fn text_of(data: &JsValue) -> Result<String, Error> {
    let text = JSON::stringify(data).ok().and_then(|text| text.as_string());
    let text = text.ok_or_else(|| Error::new("the data cannot be written as JSON"))?;
    if text.len() > MAX_DATA_BYTES {
        let why = format!("the data is {} bytes of JSON; at most {MAX_DATA_BYTES} are taken", text.len());
        return Err(Error::new(&why));
    }
    Ok(text)
}

/// Sends waiting events now.
#[wasm_bindgen(js_name = flushNow)]
pub fn flush() {
    if let Some(tracking) = STATE.with_borrow(|state| state.tracking.clone()) {
        tracking.send_now();
    }
}

/// Empties the queue, stops, and remembers it for this site.
#[wasm_bindgen(js_name = optOutNow)]
pub fn opt_out() {
    let is_kept = consent::opt_out();
    STATE.with_borrow_mut(|state| state.opted_out = !is_kept);
    end();
}

/// Takes an opt-out back.
#[wasm_bindgen(js_name = optInNow)]
pub fn opt_in() {
    consent::opt_in();
    STATE.with_borrow_mut(|state| state.opted_out = false);
    begin();
}

/// The status of sending, as `ese.d.ts` describes it.
#[wasm_bindgen(js_name = statusNow)]
pub fn status() -> Object {
    let tracking = STATE.with_borrow(|state| state.tracking.clone());
    let status = tracking.as_ref().map(Tracking::status).unwrap_or_default();
    let [emitted, accepted, rejected, shed] = tracking.as_ref().map(Tracking::counts).unwrap_or_default();
    let trouble = status.routes.iter().find_map(|route| route.trouble.as_ref());
    let clock = status.clock.map(|clock| {
        let millis = |micros: i64| (micros as f64 / 1000.0).into();
        object(&[("offsetMs", millis(clock.offset_us)), ("errorMs", millis(clock.error_us))])
    });
    let text = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
    let session = tracking.as_ref().map(|tracking| tracking.session().to_string());
    object(&[
        ("active", tracking.is_some().into()),
        ("session", text(session.as_deref())),
        ("emitted", (emitted as f64).into()),
        ("accepted", (accepted as f64).into()),
        ("rejected", (rejected as f64).into()),
        ("shed", (shed as f64).into()),
        ("waiting", status.routes.iter().map(|route| route.waiting).sum::<usize>().into()),
        ("waitingBytes", status.bytes.into()),
        ("unsaved", text(status.unsaved.as_deref())),
        ("trouble", text(trouble.map(|trouble| trouble.reason.as_str()))),
        ("clock", clock.map_or(JsValue::NULL, JsValue::from)),
    ])
}

fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value).ok();
    }
    object
}
