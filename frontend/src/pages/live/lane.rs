//! A lane of the picture: what the route does, where it keeps events, and the events on their way.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::dots::LaneDots;
use super::signals::{lane_status, route_sample};
use super::station::Station;
use crate::components::route_glyph::Glyph;
use crate::format::{count, rate};
use crate::signals::old_for;
use crate::signals::route_stats;
use crate::signals::text;

/// Where a route keeps events: its name, what it is, and the part whose health it shares.
type Stop = (&'static str, &'static str, &'static str);

const fn words(route: Route) -> (&'static str, Option<Stop>) {
    match route {
        Route::HttpPush => ("Handed straight on. The sender hears yes once it is processed.", None),
        Route::HttpPoll => (
            "Written down, then fetched. The sender hears yes at once.",
            Some(("Store", "keeps events until they are fetched", "")),
        ),
        Route::Kafka => (
            "Appended, then read from a place remembered. The sender hears yes at once.",
            Some(("Kafka broker", "a log on disk", "broker")),
        ),
    }
}

/// The lane.
#[component]
pub fn Lane(
    /// Which.
    route: Route,
) -> impl IntoView {
    let (status, sample, stats, old) = (lane_status(route), route_sample(route), route_stats(route), old_for());
    let mood = text(move || status.with(|status| status.mood.name().to_owned()));
    let passing = move || sample.get().map(|sample| sample.rate_out).filter(|_| old.get().is_none());
    let passes = text(move || passing().map_or_else(|| "–".to_owned(), rate));
    let moving = text(move || passing().is_some_and(|passing| passing > 0.0).to_string());
    let waiting = text(move || match stats.get().and_then(|stats| stats.lag) {
        Some(lag) => format!("{} waiting", count(lag.events)),
        None => "not known how many wait".to_owned(),
    });
    let (words, stop) = words(route);
    let stop = stop.map(|(name, words, health_of)| {
        view! { <div class="stop"><Station name words health_of number=waiting/></div> }
    });
    view! {
        <li class="track" data-route=route.name() data-mood=mood>
            <p class="name"><Glyph choice=RouteChoice::One(route)/>{route.name()}</p>
            <p class="passes figures" data-testid=format!("rate-{route}") data-moving=moving>{passes}<span class="unit">" /s"</span></p>
            <div class="line" aria-hidden="true"><LaneDots route/></div>
            {stop}
            <p class="words">{words}</p>
        </li>
    }
}
