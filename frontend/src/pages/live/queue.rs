//! The queue of a lane: a bar that grows from the senders' end and from the consumer's end, and its numbers.

use domain::Route;
use leptos::prelude::*;

use super::live_state::{LiveState, Measured};
use super::queue_size::{scale, trend};
use crate::signals::text;

/// The queue.
#[component]
pub fn QueueBar(
    /// The route.
    route: Route,
) -> impl IntoView {
    let measured = LiveState::here().measured;
    let read = move |of: fn(&Measured, Route) -> String| text(move || measured.with(|measured| of(measured, route)));
    view! {
        <div class="queue" data-testid=format!("queue-{route}")
            data-trend=read(|measured, route| trend(measured.growth[route as usize].per_second()).to_owned())
            data-estimated=read(|measured, route| measured.queues[route as usize].estimated.to_string())>
            <span class="bar" aria-hidden="true">
                <i class="at-senders" style=read(|measured, route| width(measured, measured.queues[route as usize].at_senders))></i>
                <i class="on-route" style=read(|measured, route| width(measured, measured.queues[route as usize].on_route.unwrap_or(0)))></i>
            </span>
            <p class="figures">{read(words)}</p>
        </div>
    }
}

fn width(measured: &Measured, events: u64) -> String {
    format!("width:{}%", (events * 100).div_ceil(scale(measured.longest)))
}

fn words(measured: &Measured, route: Route) -> String {
    let (queue, growth) = (&measured.queues[route as usize], measured.growth[route as usize].per_second());
    let expires = measured.intake.latest.and_then(|latest| latest.expires_seconds);
    queue.words(route, growth, expires.filter(|_| route == Route::HttpPoll))
}
