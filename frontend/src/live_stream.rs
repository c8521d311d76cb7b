//! The live stream: server-sent events, reconnected after each failure.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::api::LiveMessage;
use leptos::prelude::*;
use tracker::json;
use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

use crate::frame_queue::FrameQueue;
use crate::state::live_feed::FeedChange;
use crate::state::page_state::Input;

const NAMES: [&str; 9] = ["snapshot", "stats", "events", "alert", "mail", "topology", "pulse", "partitions", "resync"];
const FIRST_WAIT_MS: u64 = 500;
const LONGEST_WAIT_MS: u64 = 3_000;

/// Reads the stream as long as the page lives.
pub fn follow(frames: FrameQueue) {
    connect(Rc::new(Stream { frames, wait_ms: Cell::new(FIRST_WAIT_MS), source: RefCell::new(None) }));
}

struct Stream {
    frames: FrameQueue,
    wait_ms: Cell<u64>,
    source: RefCell<Option<(EventSource, Handlers)>>,
}

/// The handlers that the browser calls; they must live as long as their source.
struct Handlers {
    _message: Closure<dyn Fn(MessageEvent)>,
    _open: Closure<dyn Fn()>,
    _error: Closure<dyn Fn()>,
}

fn connect(stream: Rc<Stream>) {
    let Ok(source) = EventSource::new("/api/live") else { return };
    let this = stream.clone();
    let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data().as_string().unwrap_or_default();
        match parse(&event.type_(), &data) {
            Ok(message) => this.frames.push(Input::Live(Box::new(message))),
            Err(error) => leptos::logging::warn!("a live message of an unknown shape is ignored: {error}"),
        }
    });
    for name in NAMES {
        source.add_event_listener_with_callback(name, message.as_ref().unchecked_ref()).ok();
    }
    let this = stream.clone();
    let open = Closure::<dyn Fn()>::new(move || {
        this.wait_ms.set(FIRST_WAIT_MS);
        this.frames.push(Input::Feed(FeedChange::Opened));
    });
    source.set_onopen(Some(open.as_ref().unchecked_ref()));
    let this = stream.clone();
    let error = Closure::<dyn Fn()>::new(move || {
        this.frames.push(Input::Feed(FeedChange::Broken));
        let closed =
            this.source.borrow().as_ref().is_some_and(|(source, _)| source.ready_state() == EventSource::CLOSED);
        // Otherwise the browser reconnects by itself, with Last-Event-ID.
        if closed {
            let wait_ms = this.wait_ms.get();
            this.wait_ms.set((wait_ms * 2).min(LONGEST_WAIT_MS));
            let again = this.clone();
            set_timeout(move || connect(again), Duration::from_millis(wait_ms));
        }
    });
    source.set_onerror(Some(error.as_ref().unchecked_ref()));
    let handlers = Handlers { _message: message, _open: open, _error: error };
    stream.source.replace(Some((source, handlers)));
}

/// A message from its SSE name and data.
fn parse(name: &str, data: &str) -> Result<LiveMessage, String> {
    Ok(match name {
        "snapshot" => LiveMessage::Snapshot(json::read(data)?),
        "stats" => LiveMessage::Stats(json::read(data)?),
        "events" => LiveMessage::Events(json::read(data)?),
        "alert" => LiveMessage::Alert(json::read(data)?),
        "mail" => LiveMessage::Mail(json::read(data)?),
        "topology" => LiveMessage::Topology(json::read(data)?),
        "pulse" => LiveMessage::Sample(json::read(data)?),
        "partitions" => LiveMessage::Partitions(json::read(data)?),
        _ => LiveMessage::Resync,
    })
}

#[cfg(test)]
mod tests {
    use domain::api::{Sample, Stats, Topology};

    use super::*;

    #[test]
    fn every_message_has_its_tag_as_its_name_and_is_parsed_from_name_and_data() {
        let messages = [
            LiveMessage::Snapshot(Box::default()),
            LiveMessage::Stats(Stats::default()),
            LiveMessage::Events(Vec::new()),
            LiveMessage::Topology(Topology::default()),
            LiveMessage::Sample(Sample::default()),
            LiveMessage::Partitions(Vec::new()),
            LiveMessage::Resync,
        ];
        for message in messages {
            let json = serde_json::to_value(&message).unwrap();
            let data = json.get("data").map(ToString::to_string).unwrap_or_default();
            assert_eq!(json["event"], message.name());
            assert!(NAMES.contains(&message.name()));
            assert_eq!(parse(message.name(), &data).unwrap(), message);
        }
        assert!(parse("stats", "[]").is_err());
    }
}
