//! The pipeline as a picture: from the browser over three lanes to the inbox.

use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::fault_button::FaultButton;
use super::fault_station::FaultStation;
use super::lane::Lane;
use crate::components::station::{BACKEND_TASK, CONSUMER_TASK};
use crate::context::Page;
use crate::format::{count, rate};
use crate::signals::{age_if_old, text};
use crate::state::page_state::State;

/// The picture.
#[component]
pub fn Pipeline() -> impl IntoView {
    let page = Page::here();
    let old = age_if_old();
    let waiting = text(move || match page.state.with(|state| state.sending.waiting(RouteChoice::All)) {
        0 => String::new(),
        waiting => format!("{} waiting here", count(waiting as u64)),
    });
    let passes = text(move || {
        let all = |state: &State| {
            state.samples.latest().map(|sample| sample.routes.values().map(|route| route.rate_out).sum())
        };
        let passes = page.state.with(all).filter(|_| old.get().is_none());
        passes.map(|passes| format!("{} /s", rate(passes))).unwrap_or_default()
    });
    let tracks = Route::ALL.map(|route| view! { <Lane route/> }).collect_view();
    let back = text(move || match old.get() {
        Some(_) => "the live stream is interrupted".to_owned(),
        None => "the live stream shows the delivery of each event on this page".to_owned(),
    });
    view! {
        <section class="pipeline" aria-labelledby="way-title" data-old=text(move || old.get().is_some().to_string())>
            <h2 id="way-title">"The way of an event"</h2>
            <ol class="way" role="list">
                <li class="browser"><FaultStation name="Browser" words="sends events; keeps them until they are taken" number=waiting/></li>
                <li class="backend">
                    <FaultButton target="senders-backend"/>
                    <FaultStation name="Backend" words=BACKEND_TASK health_of="backend" breaks="backend"/>
                </li>
                <li class="tracks"><ul role="list">{tracks}</ul></li>
                <li class="consumer"><FaultStation name="Consumer" words=CONSUMER_TASK health_of="consumer" breaks="consumer" number=passes/></li>
                <li class="rules"><FaultStation name="Rules" words="look for patterns, in the consumer"/></li>
                <li class="mailer">
                    <FaultButton target="mailer-broker"/>
                    <FaultStation name="Mailer" words="sends each finding once" health_of="mailer" breaks="mailer"/>
                </li>
                <li class="inbox">
                    <FaultButton target="mailer-inbox"/>
                    <FaultStation name="Inbox" words="receives by SMTP" breaks="inbox"/>
                </li>
            </ol>
            <p class="back">{back}</p>
            <p class="hint moving">
                "A dot stands for some events; a slow dot took long. A bar is a queue: from the left what senders still have, from the right what waits on the route."
            </p>
        </section>
    }
}
