//! The dots on a lane: a fixed number of elements that CSS moves, at the same cost for any rate.

use domain::Route;
use leptos::prelude::*;
use tracker::browser::now;

use super::dot_pool::{Dot, DotPool, SIZE};
use crate::context::Page;
use crate::signals::text;

/// The dots of one lane.
#[component]
pub fn LaneDots(
    /// The route.
    route: Route,
) -> impl IntoView {
    let page = Page::here();
    let shown: [RwSignal<Dot>; SIZE] = std::array::from_fn(|_| RwSignal::new(Dot::default()));
    let pool = StoredValue::new(DotPool::default());
    Effect::new(move |before: Option<u64>| {
        let moved = page.state.with(|state| state.moved[route as usize]);
        let fresh = moved.events.saturating_sub(before.unwrap_or(moved.events));
        if fresh > 0 && !document().hidden() {
            let sent = pool.try_update_value(|pool| pool.send(fresh, moved.took_ms, now()));
            if let Some((index, dot)) = sent.flatten() {
                shown[index].set(dot);
            }
        }
        moved.events
    });
    shown.map(|dot| view! { <OneDot dot/> }).collect_view()
}

#[component]
fn OneDot(dot: RwSignal<Dot>) -> impl IntoView {
    // An animation restarts only under another name, so the runs use two names in turn.
    let style = text(move || match dot.get() {
        Dot { runs: 0, .. } => String::new(),
        Dot { runs, millis, size } => {
            let name = if runs % 2 == 1 { "odd" } else { "even" };
            format!("--size:{size}px;animation:along-{name} {millis}ms linear")
        }
    });
    view! { <i class="runner" style=style></i> }
}
