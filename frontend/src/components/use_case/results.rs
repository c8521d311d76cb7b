//! What a use case found, newest first: who, from when to when, and for each route how late and what became of the mail.

use domain::Route;
use leptos::prelude::*;

use super::View;
use crate::components::books::RouteTag;
use crate::components::finding::mail_words;
use crate::context::Page;
use crate::format::{duration, time_of_day};
use crate::state::health::age;
use crate::state::results::Key;
use crate::state::{Found, found};

const FIRST: usize = 10;

/// The table; what is found while the page is open comes into it at once.
#[component]
pub fn Results(
    /// The use case's name in URLs.
    id: String,
    /// The use case.
    view: View,
) -> impl IntoView {
    let page = Page::here();
    let most = RwSignal::new(FIRST);
    let changes = Memo::new(move |_| page.state.with(|state| state.findings.alert_changes));
    let all = Memo::new(move |_| {
        changes.track();
        page.state.with_untracked(|state| {
            view.with(|view| found(state.findings.alerts_of(&id).chain(view.iter().flat_map(|view| &view.results))))
        })
    });
    let rows = move || all.with(|all| all.iter().take(most.get()).cloned().collect::<Vec<_>>());
    let heads = Route::ALL.map(|route| view! { <th scope="col"><RouteTag route/></th> }).collect_view();
    let row = move |result: Found| view! { <ResultRow key=result.key() all/> };
    let empty = move || all.with(Vec::is_empty);
    let more = move || all.with(|all| all.len() > most.get());
    view! {
        <section class="results-of">
            <h3>"Results"<span class="hint">" found so long after the activity ended, and the mail about it"</span></h3>
            <Show when=empty><div class="empty"><p>"Nothing found yet."</p></div></Show>
            <table hidden=empty>
                <thead><tr class="lane"><th scope="col" class="label"><span class="hidden">"Finding"</span></th>{heads}</tr></thead>
                <tbody><For each=rows key=Found::key children=row/></tbody>
            </table>
            <Show when=more>
                <button type="button" class="quiet more" on:click=move |_| most.update(|most| *most *= 2)>"Show more"</button>
            </Show>
        </section>
    }
}

#[component]
fn ResultRow(key: Key, all: Memo<Vec<Found>>) -> impl IntoView {
    let page = Page::here();
    let result = Memo::new(move |_| all.with(|all| all.iter().find(|found| found.key() == key).cloned()));
    let Some(Found { subject, who, activity, .. }) = result.get_untracked() else { return ().into_any() };
    let ago = move || {
        let at = result.with(|result| result.as_ref().and_then(Found::detected))?;
        Some(format!("{} ago", age((page.now.get().millis_since(at) / 1000.0).max(0.0) as u64)))
    };
    let cells = Route::ALL.map(|route| {
        let sighting = Memo::new(move |_| {
            result.with(|result| result.as_ref().and_then(|result| result.sightings[route as usize]))
        });
        let mail = Memo::new(move |_| {
            let alert = sighting.get().map(|(alert, _)| alert);
            alert.map(|alert| mail_words(page.state.with(|state| state.findings.mail_state(alert))))
        });
        let late = move || {
            let late = sighting.get().map(|(_, detected)| duration(detected.millis_since(activity.ended)));
            late.unwrap_or_else(|| "–".to_owned())
        };
        view! {
            <td data-route=route.name() data-testid=format!("result-{route}") data-mail=move || mail.get()>
                <span class="late figures">{late}</span><span class="mail-state">{move || mail.get()}</span>
            </td>
        }
    });
    let time = move |at: domain::Timestamp| view! { <time datetime=at.to_string()>{time_of_day(at, page.offset_minutes)}</time> };
    let took = duration(activity.ended.millis_since(activity.started));
    view! {
        <tr class="lane" data-testid="result">
            <th scope="row" class="label">
                <span class="what">{subject}</span>
                <span class="when figures">{who}" · "{time(activity.started)}" → "{time(activity.ended)}" · "{took}</span>
                <span class="when figures">{ago}</span>
            </th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}
