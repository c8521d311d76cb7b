//! The queue of a lane: a bar that grows from the senders' end and from the consumer's end, and its numbers.

use domain::Route;
use leptos::prelude::*;

use super::queues::Queues;
use crate::signals::text;

/// The queue.
#[component]
pub fn QueueBar(
    /// The route.
    route: Route,
) -> impl IntoView {
    let Queues { of, growth, expires_seconds, scale } = Queues::here();
    let (queue, growth) = (of[route as usize], growth[route as usize]);
    let width = move |events: u64| format!("width:{}%", (events * 100).div_ceil(scale.get()).min(100));
    let expires = move || expires_seconds.get().filter(|_| route == Route::HttpPoll);
    let trend = text(move || {
        match growth.get() {
            Some(growth) if growth >= 1.0 => "growing",
            Some(growth) if growth <= -1.0 => "draining",
            _ => "steady",
        }
        .to_owned()
    });
    view! {
        <div class="queue" data-testid=format!("queue-{route}") data-trend=trend
            data-waits=text(move || (queue.get().all() > 0).to_string()) data-estimated=text(move || queue.get().estimated.to_string())>
            <span class="bar" aria-hidden="true">
                <i class="at-senders" style=text(move || width(queue.get().at_senders))></i>
                <i class="on-route" style=text(move || width(queue.get().on_route.unwrap_or(0)))></i>
            </span>
            <p class="figures">{text(move || queue.get().words(route, growth.get(), expires()))}</p>
        </div>
    }
}
