//! One session of the ledger: its numbers on each route, the gaps as ranges, and the events behind them that are known here.

use std::sync::Arc;

use domain::api::SessionView;
use domain::{Intervals, Route, SessionId};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

use crate::api;
use crate::components::books::{Numbers, RouteHead, RouteTag, TermHeads};
use crate::components::session_events::SessionEvents;
use crate::context::Page;
use crate::format::{count, events};
use crate::poll::poll;
use crate::state::health::age;

/// The most ranges of a route's gaps that are listed.
const RANGES: usize = 60;

/// The page; the address names the session.
#[component]
pub fn Session() -> impl IntoView {
    let page = Page::here();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("session").unwrap_or_default()));
    let loaded = RwSignal::new(None::<Result<Vec<SessionView>, String>>);
    poll(2, move || async move {
        let mut answer = api::session(&id.get_untracked()).await.map(|view| view.sessions);
        if let Ok(accounts) = &mut answer {
            accounts.sort_by_key(|account| account.route);
        }
        loaded.try_set(Some(answer));
    });
    let session = Memo::new(move |_| id.with(|id| id.parse::<Uuid>().ok().map(SessionId)));
    let own = move || session.get() == Some(page.session());
    let trouble = Memo::new(move |_| loaded.with(|loaded| loaded.as_ref().and_then(|loaded| loaded.clone().err())));
    // What was read last stays while the server is away.
    let accounts = Memo::new(move |before: Option<&Option<Vec<SessionView>>>| match loaded.get() {
        Some(Ok(accounts)) => Some(accounts),
        _ => before.cloned().flatten(),
    });
    let shown = Memo::new(move |_| accounts.with(|accounts| accounts.as_ref().map(Vec::is_empty)));
    let body = move || {
        match shown.get() {
        None if trouble.with(Option::is_some) => ().into_any(),
        None => view! { <p class="loading" role="status">"Opening the books …"</p> }.into_any(),
        Some(true) => {
            view! { <div class="empty"><p>"The books know no such session: nothing of it was ever processed or reported."</p></div> }.into_any()
        }
        Some(false) => view! { <Account accounts/> }.into_any(),
    }
    };
    let gaps = Memo::new(move |_| {
        let of = |route| accounts.with(|accounts| gaps_of(accounts.as_deref().unwrap_or_default(), route));
        Arc::new(Route::ALL.map(of))
    });
    view! {
        <div class="sheet session">
            <p class="crumb"><A href="/ledger">"All sessions"</A></p>
            <h1>"Session"<Show when=own>" of this tab"</Show></h1>
            <p class="lead mono" data-testid="session-id">{id}</p>
            {move || trouble.get().map(|why| view! { <p class="broken" role="status" data-testid="trouble">{why}</p> })}
            {body}
            {move || session.get().map(|session| view! { <SessionEvents session gaps/> })}
        </div>
    }
}

fn gaps_of(accounts: &[SessionView], route: Route) -> Intervals {
    accounts.iter().find(|account| account.route == route).map(|account| account.gaps.clone()).unwrap_or_default()
}

#[component]
fn Account(accounts: Memo<Option<Vec<SessionView>>>) -> impl IntoView {
    let page = Page::here();
    let all = move || accounts.get().unwrap_or_default();
    let heard = move || {
        let at = all().into_iter().filter_map(|account| account.last_heard).max()?;
        Some(format!("Last heard of {} ago.", age((page.now.get().millis_since(at) / 1000.0).max(0.0) as u64)))
    };
    let row =
        |account: SessionView| view! { <tr><RouteHead route=account.route/><Numbers balance=account.balance/></tr> };
    let rows = move || all().into_iter().map(row).collect_view();
    let gaps =
        move || all().into_iter().map(|account| view! { <Gaps route=account.route gaps=account.gaps/> }).collect_view();
    view! {
        <p class="hint figures">{heard}</p>
        <div class="scroll" tabindex="0" role="region" aria-label="The session, by route">
            <table class="ledger"><thead><tr><th scope="col">"Route"</th><TermHeads/></tr></thead><tbody>{rows}</tbody></table>
        </div>
        <h2>"Gaps: numbers on the way, or lost"</h2>
        <ul class="gap-list" role="list">{gaps}</ul>
    }
}

#[component]
fn Gaps(route: Route, gaps: Intervals) -> impl IntoView {
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
