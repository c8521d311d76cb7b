//! A page with Leptos that uses the tracker as a crate, and sends to an ESE of another origin.

use domain::{Route, RouteChoice};
use leptos::prelude::*;
use tracker::browser::consent;
use tracker::{Config, Tracking, capture};

fn main() {
    leptos::mount::mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let accepted = RwSignal::new(0);
    let tracking = StoredValue::new_local(consent::may_track(false).then(|| start(accepted)));
    let order = move |_| {
        tracking.with_value(|tracking| {
            if let Some(tracking) = tracking {
                tracking.emit("ese.order.created", r#"{"order":"A-1"}"#);
            }
        });
    };
    view! {
        <h1>"A page with Leptos and the tracker"</h1>
        <p><button data-ese-event="buy">"Buy"</button>" is captured by its attribute."</p>
        <p><button id="order" on:click=order>"Order"</button>" emits an event."</p>
        <p>"Accepted: "<output id="accepted">{accepted}</output></p>
    }
}

fn start(accepted: RwSignal<u64>) -> Tracking {
    let choice = RouteChoice::One(Route::Kafka);
    let config = Config { endpoint: setting("ese-endpoint").unwrap_or_default(), key: setting("ese-key"), choice };
    let tracking = Tracking::start(config, move |events, _| {
        let is_accepted = |event: &&tracker::TrackerEvent| {
            matches!(event, tracker::TrackerEvent::Delivery { status: tracker::DeliveryStatus::Accepted(_), .. })
        };
        let more = events.iter().filter(is_accepted).count() as u64;
        accepted.update(|sum| *sum += more);
    });
    capture::clicks(&tracking);
    capture::inputs(&tracking);
    capture::navigations(&tracking);
    tracking
}

/// The content of a `<meta>` of this name.
fn setting(name: &str) -> Option<String> {
    let meta = document().query_selector(&format!("meta[name={name}]")).ok().flatten()?;
    meta.get_attribute("content")
}
