//! The visitor's own clicks in the run under way, and what became of each.

use domain::Route;
use leptos::prelude::*;
use leptos::task::spawn_local;
use verdict::api::OwnClick;

use crate::api::compare as api;
use crate::components::route_label::RouteTag;
use crate::pages::compare::state::Comparisons;
use crate::signals::{flag, text};

/// The button, and the clicks of each route.
#[component]
pub fn OwnClicks() -> impl IntoView {
    let all = Comparisons::here();
    // A run's clicks are gone with it: the last state of each route is kept here.
    let clicks: RwSignal<[Vec<OwnClick>; 3]> = RwSignal::default();
    Effect::new(move |was_running: Option<bool>| {
        let (running, now) = all.running(|running| (true, running.clicks.clone())).unwrap_or_default();
        if running && was_running == Some(false) {
            clicks.set(Default::default());
        }
        if let Some(route) = now.first().map(|click| click.route) {
            clicks.update(|clicks| clicks[route as usize] = now);
        }
        running
    });
    let click = move |_| {
        // Between two runs nobody takes the click; the button is there again a moment later.
        spawn_local(async move { drop(api::click().await) });
    };
    let under_way = flag(move || all.running(|running| running.now.is_some()) == Some(true));
    let idle = flag(move || !all.is_running());
    let rows = Route::ALL.map(|route| {
        let own = move || clicks.with(|clicks| clicks[route as usize].iter().map(words).collect::<Vec<_>>());
        view! {
            <div class="own" hidden=move || own().is_empty()>
                <dt><RouteTag route/></dt>
                <dd data-testid=format!("own-{route}")>{text(move || own().join(" · "))}</dd>
            </div>
        }
    });
    view! {
        <div class="own-clicks" hidden=move || idle.get() && clicks.with(|clicks| clicks.iter().all(Vec::is_empty))>
            <p hidden=idle>
                <button type="button" data-testid="own-click" disabled=move || !under_way.get() on:click=click>"Click me"</button>
                <span class="hint">"Your clicks are mixed in. The numbers of the run are without them."</span>
            </p>
            <dl>{rows.collect_view()}</dl>
        </div>
    }
}

/// The way of a click.
fn words(click: &OwnClick) -> String {
    use verdict::number::duration;
    match (click.accepted_ms, click.processed_ms) {
        (Some(accepted), Some(processed)) if processed <= accepted => {
            format!("processed after {}, accepted after {}", duration(processed), duration(accepted))
        }
        (Some(accepted), Some(processed)) => {
            format!("accepted after {}, processed after {}", duration(accepted), duration(processed))
        }
        (Some(accepted), None) => format!("accepted after {}, waits", duration(accepted)),
        (None, Some(processed)) => format!("processed after {}", duration(processed)),
        (None, None) => "not accepted yet".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_has_its_moments_in_their_order() {
        let click = |accepted_ms, processed_ms| words(&OwnClick { route: Route::Kafka, accepted_ms, processed_ms });
        assert_eq!(click(Some(4.0), Some(12.5)), "accepted after 4 ms, processed after 12.5 ms");
        assert_eq!(click(Some(4.0), Some(3.0)), "processed after 3 ms, accepted after 4 ms");
        assert_eq!(click(Some(4.0), None), "accepted after 4 ms, waits");
        assert_eq!(click(None, None), "not accepted yet");
    }
}
