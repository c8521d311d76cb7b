//! The newest finding of the rules, with the state of its mail on each route.

use domain::RouteChoice;
use leptos::prelude::*;

use crate::address::Link;
use crate::components::route_glyph::Glyph;
use crate::context::Page;
use crate::format::mail_words;
use crate::memo::Memo;
use crate::signals::{changing, text};

/// The notice; empty without a finding, or once it is dismissed.
#[component]
pub fn NewestFinding() -> impl IntoView {
    let page = Page::here();
    let finding = Memo::new(move |_| page.state.with(|state| state.findings.newest_fresh().cloned()));
    let shown = move || {
        let finding = finding.get()?;
        let dismiss = move |_| page.state.update(|state| state.findings.dismiss());
        let mails = finding.alerts.into_iter().map(move |(route, alert)| {
            let state =
                text(move || page.state.with(|state| mail_words(state.findings.mail_state(alert.id))).to_owned());
            view! {
                <li class="tag" data-route=route.name()>
                    <Glyph choice=RouteChoice::One(route)/>{route.name()}": "<span>{state}</span>
                </li>
            }
        });
        Some(view! {
            <div class="finding" data-testid="finding">
                <p><strong>{finding.subject}</strong></p>
                <ul role="list">{mails.collect_view()}</ul>
                <Link href="/inbox">"Open the inbox"</Link>
                <button type="button" class="quiet" aria-label="Dismiss" on:click=dismiss>"×"</button>
            </div>
        })
    };
    view! { <div role="status" aria-live="polite">{changing(shown)}</div> }
}
