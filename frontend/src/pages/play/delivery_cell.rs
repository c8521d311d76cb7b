//! The delivery of one event on one route: until processed, until the answer, and the time of each hop.

use std::sync::Arc;

use domain::api::Hops;
use domain::{Route, Timestamp};
use leptos::prelude::*;

use crate::format::duration;
use crate::memo::Memo;
use crate::signals::{changing, text};
use crate::state::event_row::{CopyState, EventCopy, EventRow};

/// The cell.
#[component]
pub fn DeliveryCell(
    /// The event's row.
    row: Memo<Option<Arc<EventRow>>>,
    /// The route.
    route: Route,
) -> impl IntoView {
    let copy = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.copies[route as usize].clone())));
    changing(move || {
        match copy.get() {
        None => view! { <div class="delivery none" data-route=route.name()><span class="hidden">{route.name()}" "</span>"not sent"</div> }.into_any(),
        Some(copy) => view! { <Delivery copy row route/> }.into_any(),
    }
    })
}

#[component]
fn Delivery(copy: EventCopy, row: Memo<Option<Arc<EventRow>>>, route: Route) -> impl IntoView {
    let state = copy.state;
    let took = copy.processed_ms().map(duration);
    // The browser may read the answer after the consumer has processed the event.
    let answer = copy.accepted_ms().map(duration).map(|time| {
        view! { <p class="fact"><span class="state">"answer"</span>" "<span class="took figures">{time}</span></p> }
    });
    let mut marks = Vec::new();
    if copy.again > 0 {
        marks.push(format!("+{} duplicate", copy.again));
    }
    if copy.reordered {
        marks.push("reordered".to_owned());
    }
    if copy.alert.is_some() {
        marks.push("alert".to_owned());
    }
    let below = match (&copy.hops, &copy.reason) {
        (Some(hops), _) => view! { <HopBar sent=copy.sent hops=*hops row/> }.into_any(),
        (None, Some(reason)) => view! { <span class="reason">{reason.clone()}</span> }.into_any(),
        (None, None) => view! { <Progress state/> }.into_any(),
    };
    view! {
        <div class="delivery" data-route=route.name() data-testid=format!("delivery-{route}") data-state=state.name()>
            <span class="hidden">{route.name()}" "</span>
            <p class="fact"><span class="state last">{state.name()}</span>" "<span class="took figures">{took}</span></p>
            {answer}
            {below}
            {(!marks.is_empty()).then(|| view! { <span class="marks">{marks.join(", ")}</span> })}
        </div>
    }
}

/// Four steps; those done are filled.
#[component]
fn Progress(state: CopyState) -> impl IntoView {
    let steps = (0..4).map(|step| view! { <i class:on=step < state.steps()></i> }).collect_view();
    view! { <span class="progress" aria-hidden="true">{steps}</span> }
}

/// The three hops, on one scale for all routes of a row.
#[component]
fn HopBar(sent: Option<Timestamp>, hops: Hops, row: Memo<Option<Arc<EventRow>>>) -> impl IntoView {
    let received = hops.received.unwrap_or(hops.arrived);
    let parts = [
        ("to the backend", sent.map_or(0.0, |sent| received.millis_since(sent))),
        ("to the consumer", hops.arrived.millis_since(received)),
        ("into the ledger", hops.processed.millis_since(hops.arrived)),
    ];
    let width = move |millis: f64| {
        let slowest = row.with(|row| row.as_ref().map_or(0.0, |row| row.slowest_ms()));
        let share = (millis / slowest.max(0.1)).clamp(0.0, 1.0);
        format!("flex-basis:{}%", (share * 1000.0) as u32 / 10)
    };
    let bars = parts.map(|(_, millis)| view! { <i style=text(move || width(millis))></i> }).collect_view();
    let words = parts.map(|(name, millis)| format!("{} {name}", duration(millis))).join(", ");
    let short = parts.map(|(_, millis)| duration(millis).trim_end_matches(" ms").to_owned()).join(" · ");
    let title = words.clone();
    view! {
        <span class="hops" aria-hidden="true">{bars}</span>
        <span class="hop-times figures" title=title><span aria-hidden="true">{short}</span><span class="hidden">{words}</span></span>
    }
}
