//! Ledger: every session, route by route, down to the numbers that are missing.

use std::collections::HashMap;

use domain::api::{LedgerView, SessionView};
use domain::ledger::Balance;
use domain::{Route, RouteChoice};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::components::glyph::Glyph;
use crate::context::Page;
use crate::format::count;
use crate::state::health::age;

const TERMS: [(&str, &str); 9] = [
    ("Emitted", "numbered by clients"),
    ("Processed", "entered into the books"),
    ("Rejected", "refused for good"),
    ("Shed", "dropped by a client's full queue"),
    ("In flight", "on the way"),
    ("Lost", "accepted, and never came"),
    ("Duplicates", "came again"),
    ("Reordered", "came after a later one"),
    ("Residual", "what the identity leaves over"),
];

/// The page.
#[component]
pub fn Ledger() -> impl IntoView {
    let page = Page::here();
    let loaded = RwSignal::new(None::<Result<LedgerView, String>>);
    let every_two_seconds = Memo::new(move |_| page.now.get().millis() / 2_000);
    Effect::new(move || {
        every_two_seconds.track();
        spawn_local(async move { drop(loaded.try_set(Some(api::ledger().await))) });
    });
    let body = Memo::new(move |_| loaded.get());
    view! {
        <div class="sheet">
            <h1>"Ledger"</h1>
            <p class="lead">"emitted = processed + rejected + shed + in flight + lost. What is left over is the residual; it is 0, or somebody counts wrong."</p>
            {move || match body.get() {
                None => view! { <p class="loading" role="status">"Opening the books …"</p> }.into_any(),
                Some(Err(why)) => view! { <p class="broken" role="status" data-testid="trouble">{why}</p> }.into_any(),
                Some(Ok(view)) => view! { <Books view/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Books(view: LedgerView) -> impl IntoView {
    let totals = Route::ALL.map(|route| {
        let balance = view.routes.get(&route).copied().unwrap_or_default();
        view! { <tr><RouteHead route/><Numbers balance/></tr> }
    });
    let empty = view.sessions.is_empty();
    let mut before = None;
    let sessions = grouped(view.sessions).into_iter().map(|session| {
        let again = before.replace(session.session) == Some(session.session);
        view! { <Session session again/> }
    });
    let sessions = sessions.collect_view();
    let heads = || TERMS.map(|(name, about)| view! { <th scope="col" title=about>{name}</th> }).collect_view();
    view! {
        <h2>"All sessions"</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="All sessions, by route">
            <table class="ledger"><thead><tr><th scope="col">"Route"</th>{heads()}</tr></thead>
                <tbody>{totals.collect_view()}</tbody></table>
        </div>
        <h2>"Each session"</h2>
        {empty.then(|| view! { <div class="empty"><p>"No session has emitted anything yet."</p></div> })}
        <div class="scroll" tabindex="0" role="region" aria-label="Each session, by route" hidden=empty>
            <table class="ledger">
                <thead><tr><th scope="col">"Session"</th><th scope="col">"Route"</th>{heads()}<th scope="col">"Gaps"</th><th scope="col">"Heard"</th></tr></thead>
                <tbody>{sessions}</tbody>
            </table>
        </div>
    }
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
fn RouteHead(route: Route) -> impl IntoView {
    view! {
        <th scope="row"><span class="tag" data-route=route.name()><Glyph choice=RouteChoice::One(route)/>{route.name()}</span></th>
    }
}

#[component]
fn Numbers(balance: Balance) -> impl IntoView {
    let Balance { emitted, processed, rejected, shed, in_flight, lost, duplicates, reordered, residual } = balance;
    let numbers = [emitted, processed, rejected, shed, in_flight, lost, duplicates, reordered, residual.unsigned_abs()];
    numbers
        .map(|number| view! { <td class="figures" data-zero=(number == 0).to_string()>{count(number)}</td> })
        .collect_view()
}

#[component]
fn Session(session: SessionView, again: bool) -> impl IntoView {
    let page = Page::here();
    let own = page.session() == session.session;
    let id = session.session.to_string();
    // The first part of a UUIDv7 is its time and alike for sessions of one hour; the last part tells them apart.
    let short = id.get(24..).unwrap_or(&id).to_owned();
    let heard = session.last_heard.map(|at| age((page.now.get_untracked().millis_since(at) / 1000.0).max(0.0) as u64));
    let gaps: String = session.gaps.to_string();
    view! {
        <tr class:again=again>
            <th scope="row" title=id><span class="mono" class:hidden=again>{short}</span>{(own && !again).then_some(" · this tab")}</th>
            <RouteHead route=session.route/>
            <Numbers balance=session.balance/>
            <td class="figures gaps">{if gaps.is_empty() { "none".to_owned() } else { gaps }}</td>
            <td class="figures">{heard.map(|age| format!("{age} ago"))}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use domain::{Intervals, SessionId};
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
        let grouped: Vec<_> = grouped(views).iter().map(|view| (view.session.0.as_u128(), view.route)).collect();
        assert_eq!(grouped, [(9, Route::HttpPush), (9, Route::Kafka), (1, Route::HttpPoll)]);
    }
}
