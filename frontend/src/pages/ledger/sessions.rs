//! All sessions of the ledger, route by route, with the missing numbers.

use domain::api::{LedgerView, SessionView};
use domain::{Route, SessionId};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::components::keyed_rows::{Key, Rows};
use crate::components::ledger_terms::{Numbers, TermHeads};
use crate::components::route_label::RouteHead;
use crate::context::Page;
use crate::format::age;
use crate::pages::ledger::answer::take;
use crate::poll::poll;
use crate::signals::{flag, text};

/// The page of all sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    let (books, trouble) = (RwSignal::new(None::<LedgerView>), RwSignal::new(None::<String>));
    poll(2, move || async move { take(books, trouble, api::ledger().await) });
    let waiting = text(move || {
        let waits = books.with(Option::is_none) && trouble.with(Option::is_none);
        if waits { "Opening the books …" } else { "" }.to_owned()
    });
    let known = Memo::new(move |_| books.with(Option::is_some));
    view! {
        <div class="sheet">
            <h1>"Ledger"</h1>
            <p class="lead">"emitted = processed + rejected + shed + in flight + lost. What is left over is the residual; it is 0, or somebody counts wrong."</p>
            <p class="loading" role="status">{waiting}</p>
            <ErrorMessage why=trouble/>
            {move || known.get().then(|| view! { <Books books/> })}
        </div>
    }
}

#[component]
fn Books(books: RwSignal<Option<LedgerView>>) -> impl IntoView {
    let totals = move || {
        let routes = books.with(|books| books.as_ref().map(|view| view.routes)).unwrap_or_default();
        let total = |route| view! { <tr><RouteHead route/><Numbers balance=routes.get(route).copied().unwrap_or_default()/></tr> };
        Route::ALL.map(total).collect_view()
    };
    // A row stays the same element as long as its session is shown, so that it keeps the focus.
    let keys = Signal::derive(move || {
        books.with(|books| books.iter().flat_map(|view| &view.sessions).map(key).collect::<Vec<Key>>())
    });
    let row = Callback::new(move |key: Key| view! { <SessionRow key books/> }.into_any());
    let cut = move || {
        let shown = books.with(|books| {
            let accounts = books.as_ref().map(|view| view.sessions.as_slice()).unwrap_or_default();
            let sessions = 1 + accounts.windows(2).filter(|pair| pair[0].session != pair[1].session).count();
            (accounts.len() >= api::ACCOUNTS).then_some(sessions)
        });
        shown
            .map(|sessions| format!("Showing the {sessions} sessions heard of last, youngest first."))
            .unwrap_or_default()
    };
    let besides = move || {
        books.with(|books| {
            let unnumbered = books.iter().flat_map(|view| view.unnumbered.iter());
            crate::format::besides(unnumbered.map(|(route, &number)| (route, number)))
        })
    };
    let empty = move || books.with(|books| books.iter().all(|view| view.sessions.is_empty()));
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
                <thead><tr><th scope="col">"Session"</th><th scope="col">"Route"</th><TermHeads/><th scope="col">"Gaps"</th><th scope="col">"Heard"</th></tr></thead>
                <tbody><Rows keys row/></tbody>
            </table>
        </div>
    }
}

const fn key(view: &SessionView) -> Key {
    (view.session.0, Some(view.route))
}

#[component]
fn SessionRow(key: Key, books: RwSignal<Option<LedgerView>>) -> impl IntoView {
    let page = Page::here();
    let (session, route) = (SessionId(key.0), key.1.unwrap_or(Route::HttpPush));
    // With the account whether the one above it is of the same session.
    let account = Memo::new(move |_| {
        books.with(|books| {
            let accounts = &books.as_ref()?.sessions;
            let place = accounts.iter().position(|account| self::key(account) == key)?;
            let again = place > 0 && accounts[place - 1].session == session;
            Some((accounts[place].clone(), again))
        })
    });
    let again = move || account.with(|account| account.as_ref().is_some_and(|(_, again)| *again));
    let id = session.to_string();
    // The first part of a UUIDv7 is its time and alike for sessions of one hour; the last part tells them apart.
    let short = id.get(24..).unwrap_or(&id).to_owned();
    let whose = (page.session() == session).then_some(" · this tab");
    let cells = move || {
        account.get().map(|(view, _)| {
            let gaps = view.gaps.to_string();
            let gaps = if gaps.is_empty() { "none".to_owned() } else { gaps };
            view! { <Numbers balance=view.balance/><td class="figures gaps">{gaps}</td> }
        })
    };
    let heard = move || {
        let at = account.with(|account| account.as_ref().and_then(|(view, _)| view.last_heard));
        at.map(|at| format!("{} ago", age(page.seconds_since(at)))).unwrap_or_default()
    };
    // One link for each session is enough to tab through.
    let tabindex = text(move || if again() { "-1" } else { "0" }.to_owned());
    view! {
        <tr class:again=flag(again)>
            <th scope="row" title=id.clone()><A href=format!("/ledger/{id}") attr:tabindex=tabindex><span class="mono">{short}</span></A>{whose}</th>
            <RouteHead route/>
            {cells}
            <td class="figures">{text(heard)}</td>
        </tr>
    }
}
