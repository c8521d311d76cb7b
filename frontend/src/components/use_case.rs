//! One use case: its rule in words, its settings, how late its events are, and what it found.

pub mod field;
pub mod lags;
pub mod results;
pub mod settings;

use domain::Route;
use domain::api::UseCaseView;
use domain::rules::About;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::books::RouteTag;
use crate::format::count;
use crate::state::Leg;
use lags::LagPanel;
use results::Results;
use settings::Settings;

/// The use case as the page last heard of it; none if it is gone.
pub type View = Memo<Option<UseCaseView>>;

/// The section.
#[component]
pub fn UseCase(
    /// Its name in URLs.
    id: String,
    /// Whether it is not asked for.
    hidden: Signal<bool>,
    /// All use cases as they were last heard of.
    views: RwSignal<Option<Vec<UseCaseView>>>,
    /// Told what a change of settings led to.
    saved: Callback<UseCaseView>,
) -> impl IntoView {
    let wanted = id.clone();
    let view: View =
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
    view! {
        <article class="case" hidden=hidden aria-labelledby=title_id data-testid=test_id>
            <header>
                <h2 id=title_id.clone()><A href=format!("/use-cases/{id}")>{title}</A></h2>
                <ul role="list" aria-label="Findings in the books"><li aria-hidden="true">"found"</li>{found}</ul>
            </header>
            <div class="rule">
                <dl data-testid=rule_id>{rule}</dl>
                <Settings id=id.clone() view saved/>
            </div>
            <div class="findings">
                <div class="lag-panels"><LagPanel view leg=Leg::Producer/><LagPanel view leg=Leg::Consumer/></div>
                <Results id view/>
            </div>
        </article>
    }
}
