//! The sums over all sessions, and the sessions, one row each.

use domain::{Route, SessionId};
use leptos::prelude::*;

use super::session_line::session_lines;
use super::session_row::SessionRow;
use super::sums::Sums;
use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::components::keyed_rows::{Key, Rows};
use crate::memo::Memo;
use crate::pages::ledger::latest_ledger::{LatestLedger, SESSIONS};
use crate::poll::poll;
use crate::signals::{changing, flag, text};

/// The page of all sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    let latest = LatestLedger::none();
    let LatestLedger { ledger, trouble, .. } = latest;
    // The filter, and that of the ledger's answer.
    let (only_inexact, answered) = (RwSignal::new(false), RwSignal::new(false));
    poll(2, move || {
        // Read outside of the request, so that a change of the filter requests at once.
        let only_inexact = only_inexact.get();
        async move {
            let answer = api::ledger(SESSIONS, only_inexact).await;
            if answer.is_ok() {
                answered.try_set(only_inexact);
            }
            latest.apply(answer);
        }
    });
    let searching = flag(move || only_inexact.get() != answered.get());
    let waiting = text(move || {
        let waits = ledger.with(Option::is_none) && trouble.with(Option::is_none);
        if waits { "Loading the ledger …" } else { "" }.to_owned()
    });
    let known = Memo::new(move |_| ledger.with(Option::is_some));
    view! {
        <div class="sheet">
            <h1>"Ledger"</h1>
            <p class="lead">"Every event is counted. Here you see that none is missing."</p>
            <p class="loading" role="status">{waiting}</p>
            <ErrorMessage why=trouble/>
            {changing(move || known.get().then(|| view! { <AllSessions latest/><SessionList latest only_inexact searching/> }))}
        </div>
    }
}

/// The sums over all sessions.
#[component]
fn AllSessions(latest: LatestLedger) -> impl IntoView {
    let ledger = latest.ledger;
    let balances = Signal::derive(move || {
        let routes = ledger.with(|ledger| ledger.as_ref().map(|view| view.routes))?;
        Some(Route::ALL.map(|route| routes.get(route).copied().unwrap_or_default()))
    });
    let besides = text(move || {
        ledger.with(|ledger| {
            let unnumbered = ledger.iter().flat_map(|view| view.unnumbered.iter());
            crate::format::besides(unnumbered.map(|(route, &number)| (route, number)))
        })
    });
    view! {
        <h2>"All sessions"</h2>
        <Sums balances caption="All sessions, by route" age=latest.age_if_old() besides/>
    }
}

/// The sessions that changed last, the youngest first; all, or only those that are not exact.
#[component]
fn SessionList(latest: LatestLedger, only_inexact: RwSignal<bool>, searching: Signal<bool>) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let only_inexact = only_inexact.get();
        latest.ledger.with(|ledger| {
            let all = ledger.iter().flat_map(|view| session_lines(&view.sessions));
            // The answer may be older than the filter.
            all.filter(|line| !(only_inexact && line.is_exact)).collect::<Vec<_>>()
        })
    });
    // A row stays the same element while its session is shown, so that it keeps the focus.
    let keys = Signal::derive(move || {
        lines.with(|lines| lines.iter().map(|line| (line.session.0, None)).collect::<Vec<Key>>())
    });
    let row =
        Callback::new(move |(session, _): Key| view! { <SessionRow session=SessionId(session) lines/> }.into_any());
    let empty = flag(move || lines.with(Vec::is_empty));
    let nothing = text(move || {
        match (searching.get(), only_inexact.get()) {
            (true, _) => "Searching …",
            (false, true) => "Every session is exact.",
            (false, false) => "No session has emitted anything yet.",
        }
        .to_owned()
    });
    let cut = text(move || match (lines.with(Vec::len), only_inexact.get()) {
        (1.., _) if searching.get() => "Searching …".to_owned(),
        (0..SESSIONS, _) => String::new(),
        (shown, true) => {
            format!("Showing the {shown} sessions that are not exact and changed last; there may be more.")
        }
        (shown, false) => {
            format!(
                "Showing the {shown} sessions that changed last; there may be more. The filter searches all of them."
            )
        }
    });
    view! {
        <h2>"Each session"</h2>
        <p class="hint">"Newest first. A session is exact when each of its events is processed, rejected or shed, and the residual is 0. Its start is a time of its sender’s clock."</p>
        <label class="switch">
            <input type="checkbox" role="switch" data-testid="only-inexact" prop:checked=only_inexact
                on:change=move |event| only_inexact.set(event_target_checked(&event))/>
            <span>"Only what is not exact"</span>
        </label>
        <p class="hint" data-testid="cut">{cut}</p>
        {changing(move || empty.get().then(|| view! { <div class="empty"><p>{nothing}</p></div> }))}
        <div class="scroll" tabindex="0" role="region" aria-label="Each session" hidden=empty>
            <table class="ledger sessions">
                <thead><tr><th scope="col">"Started"</th><th scope="col">"Events"</th><th scope="col">"Routes"</th><th scope="col">"Ledger"</th></tr></thead>
                <tbody><Rows keys row/></tbody>
            </table>
        </div>
    }
}
