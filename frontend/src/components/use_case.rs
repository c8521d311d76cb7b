//! One use case: its rule in words, its settings, how late its events are, and what it found.

pub mod field;
pub mod lags;
pub mod results;
pub mod settings;

use domain::Route;
use domain::api::UseCaseView;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::books::RouteTag;
use crate::format::count;
use lags::LagPanel;
use results::Results;
use settings::Settings;

use crate::state::course::Leg;

/// The use case as the page last heard of it; none if it is gone.
pub type View = Memo<Option<UseCaseView>>;

/// The section.
#[component]
pub fn UseCase(
    /// Its name in URLs.
    id: String,
    /// All use cases as they were last heard of.
    views: RwSignal<Option<Vec<UseCaseView>>>,
    /// Told what a change of settings led to.
    saved: Callback<UseCaseView>,
) -> impl IntoView {
    let wanted = id.clone();
    let view: View =
        Memo::new(move |_| views.with(|views| views.iter().flatten().find(|view| view.id == wanted).cloned()));
    let about = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.about.clone())).unwrap_or_default());
    let found =
        move |route| view.with(|view| view.as_ref().and_then(|view| view.found.get(&route).copied())).unwrap_or(0);
    let found = Route::ALL
        .map(|route| view! { <li><RouteTag route/>" "<b class="figures">{move || count(found(route))}</b></li> });
    let test_id = format!("use-case-{id}");
    let title_id = format!("title-{id}");
    view! {
        <article class="case" aria-labelledby=title_id data-testid=test_id>
            <header>
                <h2 id=title_id.clone()><A href=format!("/use-cases/{id}")>{move || about.with(|about| about.title.clone())}</A></h2>
                <ul role="list" aria-label="Findings in the books"><li aria-hidden="true">"found"</li>{found.collect_view()}</ul>
            </header>
            <div class="rule">
                <dl>
                    <dt>"Trigger"</dt><dd>{move || about.with(|about| about.trigger.clone())}</dd>
                    <dt>"Condition"</dt><dd data-testid=format!("condition-{id}")>{move || about.with(|about| about.condition.clone())}</dd>
                    <dt>"Action"</dt><dd>{move || about.with(|about| about.action.clone())}</dd>
                    <dt>"Reason"</dt><dd>{move || about.with(|about| about.reason.clone())}</dd>
                </dl>
                <Settings id=id.clone() view saved/>
            </div>
            <div class="findings">
                <div class="lag-panels"><LagPanel view leg=Leg::Producer/><LagPanel view leg=Leg::Consumer/></div>
                <Results id view/>
            </div>
        </article>
    }
}
