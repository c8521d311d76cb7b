//! Ledger: every session, route by route, down to the numbers that are missing.

use std::collections::HashMap;
use std::sync::Arc;

use domain::api::{LedgerView, SessionView};
use domain::{Route, SessionId};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::components::books::{Numbers, RouteHead, TermHeads};
use crate::context::Page;
use crate::poll::poll;
use crate::state::health::age;

/// One session on one route.
type Key = (SessionId, Route);

/// The page.
#[component]
pub fn Ledger() -> impl IntoView {
    let loaded = RwSignal::new(None::<Result<Arc<LedgerView>, String>>);
    poll(2, move || async move { drop(loaded.try_set(Some(api::ledger().await.map(Arc::new)))) });
    let trouble = Memo::new(move |_| loaded.with(|loaded| loaded.as_ref().and_then(|loaded| loaded.clone().err())));
    // What was read last stays while the server is away.
    let books = Memo::new(move |before: Option<&Option<Arc<LedgerView>>>| match loaded.get() {
        Some(Ok(view)) => Some(view),
        _ => before.cloned().flatten(),
    });
    let known = Memo::new(move |_| books.with(Option::is_some));
    let waiting = move || loaded.with(Option::is_none);
    view! {
        <div class="sheet">
            <h1>"Ledger"</h1>
            <p class="lead">"emitted = processed + rejected + shed + in flight + lost. What is left over is the residual; it is 0, or somebody counts wrong."</p>
            <Show when=waiting><p class="loading" role="status">"Opening the books …"</p></Show>
            {move || trouble.get().map(|why| view! { <p class="broken" role="status" data-testid="trouble">{why}</p> })}
            <Show when=move || known.get()><Books books/></Show>
        </div>
    }
}

#[component]
fn Books(books: Memo<Option<Arc<LedgerView>>>) -> impl IntoView {
    let totals = move || {
        let routes = books.with(|books| books.as_ref().map(|view| view.routes.clone())).unwrap_or_default();
        let total = |route| view! { <tr><RouteHead route/><Numbers balance=routes.get(&route).copied().unwrap_or_default()/></tr> };
        Route::ALL.map(total).collect_view()
    };
    let accounts = Memo::new(move |_| {
        let views = books.with(|books| books.as_ref().map(|view| view.sessions.clone())).unwrap_or_default();
        grouped(views)
    });
    let by_key = Memo::new(move |_| {
        accounts.with(|accounts| accounts.iter().map(|view| (key(view), view.clone())).collect::<HashMap<_, _>>())
    });
    // A row stays the same element as long as its session is shown, so that it keeps the focus.
    let keys = Memo::new(move |_| accounts.with(|accounts| accounts.iter().map(key).collect::<Vec<Key>>()));
    let row = move |key: Key| {
        let account = Memo::new(move |_| by_key.with(|by_key| by_key.get(&key).cloned()));
        let again = Memo::new(move |_| keys.with(|keys| is_again(keys, key)));
        view! { <Session key account again/> }
    };
    let sessions = Memo::new(move |_| keys.with(|keys| keys.iter().filter(|&&key| !is_again(keys, key)).count()));
    let cut = move || {
        let cut = books.with(|books| books.as_ref().is_some_and(|view| view.sessions.len() >= api::ACCOUNTS));
        cut.then(|| view! { <p class="hint" data-testid="cut">"Showing the latest "{sessions.get()}" sessions."</p> })
    };
    let empty = move || keys.with(Vec::is_empty);
    view! {
        <h2>"All sessions"</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="All sessions, by route">
            <table class="ledger"><thead><tr><th scope="col">"Route"</th><TermHeads/></tr></thead><tbody>{totals}</tbody></table>
        </div>
        <h2>"Each session"</h2>
        {cut}
        <Show when=empty><div class="empty"><p>"No session has emitted anything yet."</p></div></Show>
        <div class="scroll" tabindex="0" role="region" aria-label="Each session, by route" hidden=empty>
            <table class="ledger">
                <thead><tr><th scope="col">"Session"</th><th scope="col">"Route"</th><TermHeads/><th scope="col">"Gaps"</th><th scope="col">"Heard"</th></tr></thead>
                <tbody><For each=move || keys.get() key=|key| *key children=row/></tbody>
            </table>
        </div>
    }
}

const fn key(view: &SessionView) -> Key {
    (view.session, view.route)
}

/// Whether the row before this one is of the same session.
fn is_again(keys: &[Key], key: Key) -> bool {
    keys.windows(2).any(|pair| pair[1] == key && pair[0].0 == key.0)
}

/// Each session's routes together and in their order, sessions as they come.
fn grouped(mut views: Vec<SessionView>) -> Vec<SessionView> {
    let mut places = HashMap::new();
    for view in &views {
        let next = places.len();
        places.entry(view.session).or_insert(next);
    }
    views.sort_by_key(|view| (places[&view.session], view.route));
    views
}

#[component]
fn Session(key: Key, account: Memo<Option<SessionView>>, again: Memo<bool>) -> impl IntoView {
    let page = Page::here();
    let (session, route) = key;
    let own = page.session() == session;
    let id = session.to_string();
    // The first part of a UUIDv7 is its time and alike for sessions of one hour; the last part tells them apart.
    let short = id.get(24..).unwrap_or(&id).to_owned();
    let name = move || {
        let short = short.clone();
        let whose = own.then_some(" · this tab");
        match again.get() {
            true => view! { <span class="hidden mono">{short}</span> }.into_any(),
            false => {
                view! { <A href=format!("/ledger/{session}")><span class="mono">{short}</span></A>{whose} }.into_any()
            }
        }
    };
    let numbers = move || account.get().map(|view| view! { <Numbers balance=view.balance/> });
    let gaps = move || {
        let gaps = account.with(|view| view.as_ref().map(|view| view.gaps.to_string())).unwrap_or_default();
        if gaps.is_empty() { "none".to_owned() } else { gaps }
    };
    let heard = move || {
        let at = account.with(|view| view.as_ref().and_then(|view| view.last_heard))?;
        Some(format!("{} ago", age((page.now.get().millis_since(at) / 1000.0).max(0.0) as u64)))
    };
    view! {
        <tr class:again=again>
            <th scope="row" title=id>{name}</th>
            <RouteHead route/>
            {numbers}
            <td class="figures gaps">{gaps}</td>
            <td class="figures">{heard}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use domain::Intervals;
    use domain::ledger::Balance;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn routes_keep_their_order_within_each_session() {
        let view = |session, route| SessionView {
            session: SessionId(Uuid::from_u128(session)),
            route,
            balance: Balance::default(),
            gaps: Intervals::default(),
            last_heard: None,
        };
        let views = vec![view(9, Route::Kafka), view(1, Route::HttpPoll), view(9, Route::HttpPush)];
        let grouped = grouped(views);
        let keys: Vec<Key> = grouped.iter().map(key).collect();
        let plain: Vec<_> = keys.iter().map(|(session, route)| (session.0.as_u128(), *route)).collect();
        assert_eq!(plain, [(9, Route::HttpPush), (9, Route::Kafka), (1, Route::HttpPoll)]);
        assert_eq!(keys.iter().map(|&key| is_again(&keys, key)).collect::<Vec<_>>(), [false, true, false]);
    }
}
