//! The picture: the newest event of this page, how it parts into its copies, and their ways to the consumer.

use std::sync::Arc;

use domain::Route;
use leptos::prelude::*;

use super::click_stream::ClickStream;
use super::consumer_health::consumer_words;
use super::copy_lane::CopyLane;
use super::copy_progress::before_parting;
use super::dot::Dot;
use crate::components::station::{BACKEND_TASK, CONSUMER_TASK, Station};
use crate::context::Page;
use crate::memo::Memo;
use crate::state::event_row::EventRow;

/// The picture.
#[component]
pub fn Copies() -> impl IntoView {
    let state = Page::here().state;
    let row: Memo<Option<Arc<EventRow>>> = Memo::new(move |_| state.with(|state| state.log.newest_of(state.own?)));
    let place = Memo::new(move |_| row.with(|row| row.as_deref().map_or("browser", before_parting)));
    let lanes = Route::ALL.map(|route| view! { <CopyLane route row/> }).collect_view();
    view! {
        <section class="copies" aria-labelledby="copies-title" data-testid="copies">
            <h2 id="copies-title" class="hidden">"One event and its copies"</h2>
            <ClickStream row/>
            <Dot row place/>
            <div class="from"><Station name="Backend" words=BACKEND_TASK health_of="backend"/></div>
            <ul role="list">{lanes}</ul>
            <div class="to"><Station name="Consumer" words=CONSUMER_TASK health_of="consumer" health_words=consumer_words()/></div>
        </section>
    }
}
