//! All sessions of the ledger, route by route, with the missing numbers.

use domain::api::{LedgerView, SessionView};
use domain::{Route, SessionId};
use leptos::prelude::*;

use crate::address::Link;
use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::components::keyed_rows::{Key, Rows};
use crate::components::ledger_terms::{Numbers, TermHeads};
use crate::components::route_label::RouteHead;
use crate::context::Page;
use crate::format::age;
use crate::pages::ledger::answer::apply;
use crate::poll::poll;
use crate::signals::{flag, text};

/// The page of all sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    let (ledger, trouble) = (RwSignal::new(None::<LedgerView>), RwSignal::new(None::<String>));
    poll(2, move || async move { apply(ledger, trouble, api::ledger().await) });
    let waiting = text(move || {
        let waits = ledger.with(Option::is_none) && trouble.with(Option::is_none);
        if waits { "Loading the ledger …" } else { "" }.to_owned()
    });
    let known = Memo::new(move |_| ledger.with(Option::is_some));
    view! {
        <div class="sheet">
            <h1>"Ledger"</h1>
            <p class="lead">"emitted = processed + rejected + shed + in flight + lost. What is left over is the residual; it is 0, or a count is wrong."</p>
            <p class="loading" role="status">{waiting}</p>
            <ErrorMessage why=trouble/>
            {move || known.get().then(|| view! { <LedgerTables ledger/> })}
        </div>
    }
}

#[component]
fn LedgerTables(ledger: RwSignal<Option<LedgerView>>) -> impl IntoView {
    let totals = move || {
        let routes = ledger.with(|ledger| ledger.as_ref().map(|view| view.routes)).unwrap_or_default();
        let total = |route| view! { <tr><RouteHead route/><Numbers balance=routes.get(route).copied().unwrap_or_default()/></tr> };
        Route::ALL.map(total).collect_view()
    };
    // A row stays the same element while its session is shown, so that it keeps the focus.
    let keys = Signal::derive(move || {
        ledger.with(|ledger| ledger.iter().flat_map(|view| &view.sessions).map(key).collect::<Vec<Key>>())
    });
    let row = Callback::new(move |key: Key| view! { <SessionRow key ledger/> }.into_any());
    let cut = move || {
        let shown = ledger.with(|ledger| {
            let rows = ledger.as_ref().map(|view| view.sessions.as_slice()).unwrap_or_default();
            let sessions = 1 + rows.windows(2).filter(|pair| pair[0].session != pair[1].session).count();
            (rows.len() >= api::SESSION_LEDGERS).then_some(sessions)
        });
        shown.map(|sessions| format!("Showing the {sessions} latest sessions, youngest first.")).unwrap_or_default()
    };
    let besides = move || {
        ledger.with(|ledger| {
            let unnumbered = ledger.iter().flat_map(|view| view.unnumbered.iter());
            crate::format::besides(unnumbered.map(|(route, &number)| (route, number)))
        })
    };
    let empty = move || ledger.with(|ledger| ledger.iter().all(|view| view.sessions.is_empty()));
    let nothing =
        move || empty().then(|| view! { <div class="empty"><p>"No session has emitted anything yet."</p></div> });
    view! {
        <h2>"All sessions"</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="All sessions, by route">
            <table class="ledger"><thead><tr><th scope="col">"Route"</th><TermHeads/></tr></thead><tbody>{totals}</tbody></table>
        </div>
        <p class="hint besides figures">{text(besides)}</p>
        <h2>"Each session"</h2>
        <p class="hint" data-testid="cut">{text(cut)}</p>
        {nothing}
        <div class="scroll" tabindex="0" role="region" aria-label="Each session, by route" hidden=flag(empty)>
            <table class="ledger">
                <thead><tr><th scope="col">"Session"</th><th scope="col">"Route"</th><TermHeads/><th scope="col">"Gaps"</th><th scope="col">"Last report"</th></tr></thead>
                <tbody><Rows keys row/></tbody>
            </table>
        </div>
    }
}

const fn key(view: &SessionView) -> Key {
    (view.session.0, Some(view.route))
}

#[component]
fn SessionRow(key: Key, ledger: RwSignal<Option<LedgerView>>) -> impl IntoView {
    let page = Page::here();
    let (session, route) = (SessionId(key.0), key.1.unwrap_or(Route::HttpPush));
    // The ledger of the row, and whether the row above is of the same session.
    let entry = Memo::new(move |_| {
        ledger.with(|ledger| {
            let rows = &ledger.as_ref()?.sessions;
            let place = rows.iter().position(|entry| self::key(entry) == key)?;
            let again = place > 0 && rows[place - 1].session == session;
            Some((rows[place].clone(), again))
        })
    });
    let again = move || entry.with(|entry| entry.as_ref().is_some_and(|(_, again)| *again));
    let id = session.to_string();
    // The first part of a UUIDv7 is its time, and equal for sessions of one hour; the last part is random.
    let short = id.get(24..).unwrap_or(&id).to_owned();
    let whose = (page.session() == session).then_some(" · this tab");
    let cells = move || {
        entry.get().map(|(view, _)| {
            let gaps = view.gaps.to_string();
            let gaps = if gaps.is_empty() { "none".to_owned() } else { gaps };
            view! { <Numbers balance=view.balance/><td class="figures gaps">{gaps}</td> }
        })
    };
    let last_report = move || {
        let at = entry.with(|entry| entry.as_ref().and_then(|(view, _)| view.last_heard));
        at.map(|at| format!("{} ago", age(page.seconds_since(at)))).unwrap_or_default()
    };
    // One tab stop for each session is enough.
    let tabindex = text(move || if again() { "-1" } else { "0" }.to_owned());
    view! {
        <tr class:again=flag(again)>
            <th scope="row" title=id.clone()><Link href=format!("/ledger/{id}") attr:tabindex=tabindex><span class="mono">{short}</span></Link>{whose}</th>
            <RouteHead route/>
            {cells}
            <td class="figures">{text(last_report)}</td>
        </tr>
    }
}
