//! One session of the ledger: its numbers on each route, its gaps, and its events known to this page.

use domain::SessionId;
use domain::api::SessionView;
use leptos::prelude::*;

use crate::address::Link;
use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::format::{age, count, events};
use crate::memo::Memo;
use crate::pages::ledger::latest_ledger::{LatestLedger, balances};
use crate::pages::ledger::session_events::SessionEvents;
use crate::pages::ledger::start::start;
use crate::pages::ledger::sums::Sums;
use crate::poll::poll;
use crate::signals::{changing, text};

/// The most gaps listed for a route.
const RANGES: usize = 60;

/// The session.
#[component]
pub fn Session(
    /// Its id, as the address has it.
    id: String,
) -> impl IntoView {
    let page = Page::here();
    let latest = LatestLedger::none();
    let LatestLedger { ledger, trouble, .. } = latest;
    let session = id.parse::<SessionId>().ok();
    match session {
        Some(session) => poll(2, move || async move { latest.apply(api::session(&session.to_string()).await) }),
        None => trouble
            .set(Some("That is no session: their ids look like 0192f0c1-0000-7000-8000-000000000001.".to_owned())),
    }
    let known =
        Memo::new(move |_| ledger.with(|ledger| ledger.as_ref().map_or(0, |view| 1 + view.sessions.len() as u64)));
    let body = move || {
        match known.get() {
        0 if trouble.with(Option::is_some) => ().into_any(),
        0 => view! { <p class="loading" role="status">"Loading the ledger …"</p> }.into_any(),
        1 => {
            view! { <div class="empty"><p>"The ledger has no such session: none of its events was processed or reported."</p></div> }.into_any()
        }
        _ => view! { <SessionLedger latest/> }.into_any(),
    }
    };
    let events = session.map(|session| {
        view! { <h2>"Events known to this page"</h2><SessionEvents session ledger/> }
    });
    let whose = if id == page.session().to_string() { " of this tab" } else { "" };
    view! {
        <div class="sheet session">
            <p class="crumb"><Link href="/ledger">"All sessions"</Link></p>
            <h1>"Session"{whose}</h1>
            <p class="lead mono" data-testid="session-id">{id}</p>
            <ErrorMessage why=trouble/>
            {changing(body)}
            {events}
        </div>
    }
}

#[component]
fn SessionLedger(latest: LatestLedger) -> impl IntoView {
    let page = Page::here();
    let routes =
        move || latest.ledger.with(|ledger| ledger.as_ref().map(|view| view.sessions.clone())).unwrap_or_default();
    let about = move || {
        let routes = routes();
        let Some(session) = routes.first().map(|entry| entry.session) else { return String::new() };
        let mut words = start(page, session).map(|(time, ago)| format!("Started {time}, {ago}. ")).unwrap_or_default();
        if let Some(at) = routes.iter().filter_map(|entry| entry.last_heard).max() {
            words += &format!("Last report {} ago. ", age(page.seconds_since(at)));
        }
        // The ledger has no addresses, the live stream has.
        let address = page.state.with(|state| {
            let mut rows = state.log.of_session(session).into_iter().filter_map(|id| state.log.row(id));
            rows.find(|row| !row.key.is_empty()).map(|row| row.key.clone())
        });
        words + &address.map(|address| format!("Its address is {address}.")).unwrap_or_default()
    };
    let balances = Signal::derive(move || Some(balances(&routes())));
    let gaps = move || routes().into_iter().map(|entry| view! { <Gaps entry/> }).collect_view();
    view! {
        <p class="hint figures">{text(about)}</p>
        <Sums balances caption="The session, by route" age=latest.age_if_old()/>
        <h2>"Gaps: numbers on the way, or lost"</h2>
        <ul class="gap-list" role="list">{changing(gaps)}</ul>
    }
}

#[component]
fn Gaps(entry: SessionView) -> impl IntoView {
    let SessionView { route, gaps, .. } = entry;
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
