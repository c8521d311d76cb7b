//! A lane of the picture: the task of the route, its connections, its store, its queue, and the moving events.

use domain::{Guarantee, Route};
use leptos::prelude::*;

use super::dots::LaneDots;
use super::fault_button::FaultButton;
use super::fault_station::FaultStation;
use super::live_state::LiveState;
use super::queue::QueueBar;
use super::signals::{lane_status, route_sample};
use crate::components::lane::{LaneName, store};
use crate::format::rate;
use crate::signals::{age_if_old, text};

/// The task of a route, or the effect of a weaker guarantee.
const fn words(route: Route, guarantee: Guarantee) -> &'static str {
    match (route, guarantee) {
        (_, Guarantee::AtMostOnce) => "At most once: answered before anything is kept; an accepted event can be lost.",
        (_, Guarantee::AtLeastOnce) => "At least once: an event that comes again has its effects again.",
        _ => task(route),
    }
}

const fn task(route: Route) -> &'static str {
    match route {
        Route::HttpPush => "Handed straight on; answered once processed.",
        Route::HttpPoll => "Written down, then fetched; answered at once.",
        Route::Kafka => "Appended, then read; answered at once.",
    }
}

/// The connections of a route, before its store and after it.
const fn connections(route: Route) -> [Option<&'static str>; 2] {
    match route {
        Route::HttpPush => [Some("backend-consumer"), None],
        Route::HttpPoll => [None, Some("consumer-backend")],
        Route::Kafka => [Some("backend-broker"), Some("consumer-broker")],
    }
}

/// The lane.
#[component]
pub fn Lane(
    /// The route.
    route: Route,
) -> impl IntoView {
    let (status, sample, old) = (lane_status(route), route_sample(route), age_if_old());
    let state = text(move || status.with(|status| status.state.name().to_owned()));
    let passing = move || sample.get().map(|sample| sample.rate_out).filter(|_| old.get().is_none());
    let passes = text(move || passing().map_or_else(|| "–".to_owned(), rate));
    let moving = text(move || passing().is_some_and(|passing| passing > 0.0).to_string());
    let measured = LiveState::here().measured;
    let words = text(move || words(route, measured.with(|measured| measured.guarantee(route))).to_owned());
    let [before, after] = connections(route);
    let stop = store(route).map(|(name, words, health_of)| {
        view! { <div class="stop"><FaultStation name words health_of breaks=health_of/></div> }
    });
    view! {
        <li class="track" data-route=route.name() data-state=state>
            <LaneName route/>
            <p class="passes figures" data-testid=format!("rate-{route}") data-moving=moving>{passes}<span class="unit">" /s"</span></p>
            <div class="line" aria-hidden="true"><LaneDots route/></div>
            {before.map(|target| view! { <div class="before"><FaultButton target/></div> })}
            {stop}
            {after.map(|target| view! { <div class="after"><FaultButton target/></div> })}
            <QueueBar route/>
            <p class="words" data-testid=format!("words-{route}")>{words}</p>
        </li>
    }
}
