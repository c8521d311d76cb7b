//! The row of a session in the list; its link leads to the page of the session.

use domain::SessionId;
use leptos::prelude::*;

use super::session_line::SessionLine;
use super::start::start;
use crate::address::Link;
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::format::events;
use crate::memo::Memo;
use crate::signals::{changing, text};

/// The row; it updates itself.
#[component]
pub fn SessionRow(
    /// The session.
    session: SessionId,
    /// All sessions shown.
    lines: Memo<Vec<SessionLine>>,
) -> impl IntoView {
    let page = Page::here();
    let line = Memo::new(move |_| lines.with(|lines| lines.iter().find(|line| line.session == session).cloned()));
    let of = move |read: fn(&SessionLine) -> String| {
        text(move || line.with(|line| line.as_ref().map(read).unwrap_or_default()))
    };
    let began = Memo::new(move |_| start(page, session));
    let time = text(move || began.get().map_or_else(|| "start not known".to_owned(), |(time, _)| time));
    let ago = text(move || began.get().map(|(_, ago)| ago).unwrap_or_default());
    let own = (page.session() == session).then(|| view! { <span class="this-tab">"this tab"</span> });
    let routes = move || {
        let routes = line.with(|line| line.as_ref().map(|line| line.routes.clone())).unwrap_or_default();
        routes.into_iter().map(|route| view! { <RouteTag route/> }).collect_view()
    };
    let id = session.to_string();
    view! {
        <tr data-testid="session" data-exact=of(|line| line.is_exact.to_string())>
            <th scope="row" title=id.clone()><Link href=format!("/ledger/{id}")>{time}</Link>" "<span class="figures">{ago}</span>" "{own}</th>
            <td class="figures">{of(|line| events(line.events))}</td>
            <td>{changing(routes)}</td>
            <td class="notes"><b>{of(|line| if line.is_exact { "exact" } else { "not exact" }.to_owned())}</b>" "<span>{of(|line| line.notes.clone())}</span></td>
        </tr>
    }
}
