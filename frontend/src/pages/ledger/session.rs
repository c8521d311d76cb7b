//! One session of the ledger: its numbers on each route, the gaps as ranges, and the events behind them that are known here.

use domain::SessionId;
use domain::api::{LedgerView, SessionView};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::components::ledger_terms::{Numbers, TermHeads};
use crate::components::route_label::{RouteHead, RouteTag};
use crate::context::Page;
use crate::format::age;
use crate::format::{count, events};
use crate::pages::ledger::answer::take;
use crate::pages::ledger::session_events::SessionEvents;
use crate::poll::poll;
use crate::signals::text;

/// The most ranges of a route's gaps that are listed.
const RANGES: usize = 60;

/// The session.
#[component]
pub fn Session(
    /// Its id, as the address has it.
    id: String,
) -> impl IntoView {
    let page = Page::here();
    let (books, trouble) = (RwSignal::new(None::<LedgerView>), RwSignal::new(None::<String>));
    let session = id.parse::<SessionId>().ok();
    match session {
        Some(session) => poll(2, move || async move { take(books, trouble, api::session(&session.to_string()).await) }),
        None => trouble
            .set(Some("That is no session: their ids look like 0192f0c1-0000-7000-8000-000000000001.".to_owned())),
    }
    let known = Memo::new(move |_| books.with(|books| books.as_ref().map_or(0, |view| 1 + view.sessions.len() as u64)));
    let body = move || {
        match known.get() {
        0 if trouble.with(Option::is_some) => ().into_any(),
        0 => view! { <p class="loading" role="status">"Opening the books …"</p> }.into_any(),
        1 => {
            view! { <div class="empty"><p>"The books know no such session: nothing of it was ever processed or reported."</p></div> }.into_any()
        }
        _ => view! { <SessionLedger books/> }.into_any(),
    }
    };
    let events = session.map(|session| {
        view! { <h2>"Events known to this page"</h2><SessionEvents session books/> }
    });
    let whose = if id == page.session().to_string() { " of this tab" } else { "" };
    view! {
        <div class="sheet session">
            <p class="crumb"><A href="/ledger">"All sessions"</A></p>
            <h1>"Session"{whose}</h1>
            <p class="lead mono" data-testid="session-id">{id}</p>
            <ErrorMessage why=trouble/>
            {body}
            {events}
        </div>
    }
}

#[component]
fn SessionLedger(books: RwSignal<Option<LedgerView>>) -> impl IntoView {
    let page = Page::here();
    let accounts = move || books.with(|books| books.as_ref().map(|view| view.sessions.clone())).unwrap_or_default();
    let heard = move || {
        let at = accounts().into_iter().filter_map(|account| account.last_heard).max();
        at.map(|at| format!("Last heard of {} ago.", age(page.seconds_since(at)))).unwrap_or_default()
    };
    let row =
        |account: SessionView| view! { <tr><RouteHead route=account.route/><Numbers balance=account.balance/></tr> };
    let rows = move || accounts().into_iter().map(row).collect_view();
    let gaps = move || accounts().into_iter().map(|account| view! { <Gaps account/> }).collect_view();
    view! {
        <p class="hint figures">{text(heard)}</p>
        <div class="scroll" tabindex="0" role="region" aria-label="The session, by route">
            <table class="ledger"><thead><tr><th scope="col">"Route"</th><TermHeads/></tr></thead><tbody>{rows}</tbody></table>
        </div>
        <h2>"Gaps: numbers on the way, or lost"</h2>
        <ul class="gap-list" role="list">{gaps}</ul>
    }
}

#[component]
fn Gaps(account: SessionView) -> impl IntoView {
    let SessionView { route, gaps, .. } = account;
    let ranges = gaps.ranges().take(RANGES).map(|(first, last)| {
        let text = if first == last { count(first) } else { format!("{}–{}", count(first), count(last)) };
        view! { <li class="figures">{text}</li> }
    });
    let ranges = ranges.collect_view();
    let rest = gaps.fragments().saturating_sub(RANGES);
    let missing = if gaps.is_empty() { "no gap".to_owned() } else { format!("{} missing", events(gaps.len())) };
    view! {
        <li data-testid=format!("gaps-{route}")>
            <RouteTag route/><span>{missing}</span>
            <ol role="list">{ranges}{(rest > 0).then(|| view! { <li>"and "{rest}" more ranges"</li> })}</ol>
        </li>
    }
}
