//! A lane with the copy of the newest event: its place, and its milestones with their times.

use std::sync::Arc;

use domain::Route;
use leptos::prelude::*;

use super::copy_progress::{CopyProgress, MILESTONES, Milestone};
use super::dot::Dot;
use crate::components::lane::{LaneName, store};
use crate::components::station::Station;
use crate::context::Page;
use crate::memo::Memo;
use crate::signals::{flag, text};
use crate::state::event_row::EventRow;

/// The way of an event on a route, for people who see it for the first time.
const fn way(route: Route) -> &'static str {
    match route {
        Route::HttpPush => "The backend calls the consumer and waits. The answer comes when the event is processed.",
        Route::HttpPoll => "The backend writes the event down and answers. The consumer asks for new events.",
        Route::Kafka => "The backend appends the event to a log and answers. Consumers read the log at their own pace.",
    }
}

/// The lane.
#[component]
pub fn CopyLane(
    /// The route.
    route: Route,
    /// The newest event of this page.
    row: Memo<Option<Arc<EventRow>>>,
) -> impl IntoView {
    let page = Page::here();
    let progress = Memo::new(move |_| {
        row.with(|row| {
            let copy = row.as_ref().and_then(|row| row.copies[route as usize].as_ref());
            page.state.with(|state| CopyProgress::of(route, copy, state.sending.route(route).trouble.as_ref()))
        })
    });
    let place = Memo::new(move |_| progress.with(|progress| progress.place));
    let chosen = flag(move || page.choice.get().routes().contains(&route));
    let not_chosen = text(move || if chosen.get() { String::new() } else { "Not chosen. ".to_owned() });
    let stop = store(route).map(|(name, words, health_of)| {
        view! { <div class="stop"><Station name words health_of/></div> }
    });
    let milestones = MILESTONES.into_iter().enumerate().map(|(index, name)| {
        let read = move |of: fn(&Milestone) -> String| {
            text(move || progress.with(|progress| of(&progress.milestones[index])))
        };
        let answer_is_last = route == Route::HttpPush && name == "answer";
        let title = answer_is_last.then_some("The answer comes back after processing.");
        view! {
            <p data-testid=format!("{name}-{route}") title=title data-state=read(|milestone| milestone.state.to_owned())>
                {read(|milestone| milestone.word.to_owned())}" "<b class="figures">{read(|milestone| milestone.number.clone())}</b>
            </p>
        }
    });
    view! {
        <li class="copy" data-route=route.name() data-testid=format!("copy-{route}")
            data-state=text(move || progress.with(|progress| progress.state.to_owned()))
            data-chosen=text(move || chosen.get().to_string())>
            <LaneName route/>
            <p class="words"><b>{not_chosen}</b>{way(route)}</p>
            <Dot row place/>
            {stop}
            <div class="milestones">{milestones.collect_view()}</div>
        </li>
    }
}
