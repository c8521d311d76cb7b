//! The last comparison: its choices, and the outcome of each scenario.

use domain::Route;
use leptos::prelude::*;
use verdict::Results;
use verdict::api::{Last, Outcome};

use super::state::Comparisons;
use super::words::title;
use crate::api::compare as api;
use crate::components::route_label::RouteTag;

/// The result; nothing before the first comparison has ended.
#[component]
pub fn LastResult(
    /// The name of the only scenario to be shown; empty if all are.
    chosen: Memo<String>,
) -> impl IntoView {
    let all = Comparisons::here();
    let last = Memo::new(move |_| all.view.with(|view| view.as_ref()?.last.clone()));
    move || {
        let (mut last, chosen) = (last.get()?, chosen.get());
        if !chosen.is_empty() {
            last.scenarios.retain(|outcome| outcome.name == chosen);
            last.choices.clear();
        }
        (!last.scenarios.is_empty()).then(|| view! { <Result last results=all.results is_alone=!chosen.is_empty()/> })
    }
}

#[component]
fn Result(last: Last, results: RwSignal<Option<Results>>, is_alone: bool) -> impl IntoView {
    // The answers stand above.
    let choices = last.choices.into_iter().filter(|choice| !last.answers.contains(choice));
    let choices = choices.map(|choice| view! { <li>{choice}</li> }).collect_view();
    let outcomes =
        last.scenarios.into_iter().map(|outcome| view! { <Scenario outcome results is_open=is_alone/> }).collect_view();
    view! {
        <section class="last" aria-labelledby="last-title" data-testid="last">
            <header>
                <h2 id="last-title">"The last comparison"</h2>
                <p class="links">
                    <a href=api::REPORT target="_blank" rel="noopener" data-testid="report">"Open the report"</a>
                    <a href=format!("{}?download", api::REPORT) download="report.html">"Save it"</a>
                </p>
            </header>
            {last.stopped.then(|| view! { <p class="hint">"It was stopped before its end."</p> })}
            <ul class="choices" role="list">{choices}</ul>
            <div class="outcomes">{outcomes}</div>
            <p class="hint"><code>{last.command}</code></p>
        </section>
    }
}

#[component]
fn Scenario(outcome: Outcome, results: RwSignal<Option<Results>>, is_open: bool) -> impl IntoView {
    let name = outcome.name.clone();
    // The report's own drawing, with all text escaped.
    let curves = move || {
        results.with(|results| {
            let of_name = results.as_ref()?.scenarios.iter().find(|result| result.scenario.name == name)?;
            Some(verdict::report::timelines(of_name))
        })
    };
    let best = Route::ALL.map(|route| {
        let titles = outcome.best.get(route).map(|titles| titles.join(" · ")).filter(|titles| !titles.is_empty());
        view! { <dt><RouteTag route/></dt><dd>{titles.unwrap_or_else(|| "nothing is decided in its favour".to_owned())}</dd> }
    });
    let line =
        |what: &str, criteria: &[String]| (!criteria.is_empty()).then(|| format!("{what}: {}.", criteria.join(", ")));
    let wrong = line("Predicted wrongly", &outcome.wrong).map(|line| view! { <p class="wrong">{line}</p> });
    let open = line("Predicted, and not decided by these runs", &outcome.open)
        .map(|line| view! { <p class="hint">{line}</p> });
    let void = (outcome.void > 0).then(|| {
        let words = match outcome.void {
            1 => "One run is void and decides nothing; the report has the reason.".to_owned(),
            void => format!("{void} runs are void and decide nothing; the report has the reasons."),
        };
        view! { <p class="hint" data-testid="void">{words}</p> }
    });
    view! {
        <details class="outcome" open=is_open data-testid=format!("outcome-{}", outcome.name)>
            <summary><b>{title(&outcome.name)}</b>" "{(!is_open).then(|| view! { <span>{outcome.question}</span> })}</summary>
            <dl class="best">{best.collect_view()}</dl>
            {wrong}{open}{void}
            <div class="curves" inner_html=move || curves().unwrap_or_default()></div>
            <p class="prose">{outcome.why.join(" ")}</p>
        </details>
    }
}
