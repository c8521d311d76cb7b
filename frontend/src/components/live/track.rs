//! A lane of the picture: what the route does, where it keeps events, and the events on their way.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use crate::components::glyph::Glyph;
use crate::components::lanes::stats;
use crate::components::live::dot_pool::DotPool;
use crate::components::live::station::Station;
use crate::components::live::{old_for, pulse};
use crate::context::Page;
use crate::format::{count, rate};

/// The lane.
#[component]
pub fn Track(
    /// Which.
    route: Route,
) -> impl IntoView {
    let page = Page::here();
    let mood = Memo::new(move |_| page.state.with(|state| state.lane(route, page.now.get()).mood));
    let (pulse, stats, old) = (pulse(route), stats(route), old_for());
    let passes = move || match pulse.get() {
        Some(pulse) if old.get().is_none() => rate(pulse.rate_out),
        _ => "–".to_owned(),
    };
    let waiting = Signal::derive(move || match stats.get().and_then(|stats| stats.lag) {
        Some(lag) => format!("{} waiting", count(lag.events)),
        None => String::new(),
    });
    let (words, stop) = match route {
        Route::HttpPush => ("Handed straight on. The sender hears yes once it is processed.", None),
        Route::HttpPoll => (
            "Written down, then fetched. The sender hears yes at once.",
            Some(("Store", "keeps events until they are fetched", "")),
        ),
        Route::Kafka => (
            "Appended, then read from a place remembered. The sender hears yes at once.",
            Some(("Kafka broker", "a log on disk", "broker")),
        ),
    };
    let stop = stop.map(|(name, words, health_of)| {
        view! { <div class="stop"><Station name words health_of number=waiting/></div> }
    });
    view! {
        <li class="track" data-route=route.name() data-mood=move || mood.get().name() data-testid=format!("track-{route}")>
            <p class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</p>
            <p class="passes figures"><span data-testid=format!("rate-{route}")>{passes}</span><span class="unit">" /s"</span></p>
            <div class="line" aria-hidden="true"><DotPool route/></div>
            {stop}
            <p class="words">{words}</p>
        </li>
    }
}
