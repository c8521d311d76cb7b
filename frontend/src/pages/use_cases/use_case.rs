//! One use case: its rule, its settings, its findings and its lags.

use domain::Route;
use domain::api::UseCaseView;
use domain::rules::About;
use leptos::prelude::*;

use super::findings::Findings;
use super::lag_leg::{CONSUMER, PRODUCER};
use super::lag_panel::LagPanel;
use super::settings_form::SettingsForm;
use crate::address::Link;
use crate::components::fold::Fold;
use crate::components::route_label::RouteTag;
use crate::format::count;
use crate::memo::Memo;
use crate::signals::changing;

/// The section.
#[component]
pub fn UseCase(
    /// Its name in URLs.
    id: String,
    /// Whether it is hidden.
    hidden: Signal<bool>,
    /// All use cases, as last received.
    views: RwSignal<Option<Vec<UseCaseView>>>,
    /// Called with the use case after a save.
    saved: Callback<UseCaseView>,
) -> impl IntoView {
    let wanted = id.clone();
    let view: Memo<Option<UseCaseView>> =
        Memo::new(move |_| views.with(|views| views.iter().flatten().find(|view| view.id == wanted).cloned()));
    let about = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.about.clone())).unwrap_or_default());
    let title = about.with_untracked(|about| about.title.clone());
    let rule = move || {
        let About { trigger, condition, action, reason, .. } = about.get();
        let terms = [("Trigger", trigger), ("Condition", condition), ("Action", action), ("Reason", reason)];
        terms.map(|(term, words)| view! { <dt>{term}</dt><dd>{words}</dd> }).collect_view()
    };
    let found = move || {
        let found = view.with(|view| view.as_ref().map(|view| view.found)).unwrap_or_default();
        let number = |route| count(found.get(route).copied().unwrap_or(0));
        Route::ALL
            .map(|route| view! { <li><RouteTag route/>" "<b class="figures">{number(route)}</b></li> })
            .collect_view()
    };
    let (title_id, rule_id, test_id) = (format!("title-{id}"), format!("rule-{id}"), format!("use-case-{id}"));
    let form_id = id.clone();
    view! {
        <article class="case" hidden=hidden aria-labelledby=title_id data-testid=test_id>
            <header>
                <h2 id=title_id.clone()><Link href=format!("/use-cases/{id}")>{title}</Link></h2>
                <ul role="list" aria-label="Findings in the ledger"><li aria-hidden="true">"found"</li>{changing(found)}</ul>
            </header>
            <div class="rule">
                <dl data-testid=rule_id>{changing(rule)}</dl>
                <Fold heading="Settings"><SettingsForm id=form_id view saved/></Fold>
            </div>
            <div class="findings">
                <Findings id view/>
                <Fold heading="Lags of the last five minutes">
                    <div class="lag-panels"><LagPanel view leg=PRODUCER/><LagPanel view leg=CONSUMER/></div>
                </Fold>
            </div>
        </article>
    }
}
