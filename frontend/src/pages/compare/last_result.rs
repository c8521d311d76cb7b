//! The last comparison: its decision, its reasons, and the outcome of each scenario.

use domain::Route;
use leptos::prelude::*;
use verdict::api::{Last, Outcome};

use super::compare_text::{numbers, title};
use super::decision::Decision;
use super::measured_values::{MeasuredValues, rows};
use super::state::Comparisons;
use crate::api::compare as api;
use crate::components::fold::Fold;
use crate::components::route_label::RouteTag;
use crate::memo::Memo;
use crate::signals::changing;

/// The result; nothing before the first answer of the server.
#[component]
pub fn LastResult(
    /// The name of the only scenario to be shown; empty if all are.
    chosen: Memo<String>,
) -> impl IntoView {
    let all = Comparisons::here();
    let last = Memo::new(move |_| all.last(Last::clone));
    changing(move || {
        let (mut last, chosen) = (last.get()?, chosen.get());
        let is_alone = !chosen.is_empty();
        if is_alone {
            last.scenarios.retain(|outcome| outcome.name == chosen);
        }
        (!last.scenarios.is_empty()).then(|| view! { <Result last is_alone/> })
    })
}

#[component]
fn Result(last: Last, is_alone: bool) -> impl IntoView {
    let Last { command, published, repetitions, stopped, answers, choices, table, scenarios, .. } = last;
    let is_single = repetitions == 1;
    let heading = if published { "The published comparison" } else { "The last comparison" };
    let decision = (!is_alone && !is_single).then(|| view! { <Fold heading="Decision"><Decision rows=table/></Fold> });
    // The answers stand above with their numbers, except those of single runs.
    let stands_above = |choice: &String| {
        let has_numbers = |answer: &String| !is_single && numbers(answer, choice).is_some();
        answers.iter().any(|answer| answer == choice || has_numbers(answer))
    };
    let reasons: Vec<_> = choices.into_iter().filter(|choice| !is_alone && !stands_above(choice)).collect();
    let heading_of_reasons = if is_single { "Reasons" } else { "More reasons" };
    let reasons = (!reasons.is_empty()).then(|| {
        let reasons = reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view();
        view! { <Fold heading=heading_of_reasons folded=true><ul class="choices" role="list">{reasons}</ul></Fold> }
    });
    // Those of the published comparison are at the addresses of their scenarios.
    let outcomes = scenarios.into_iter().filter(|_| is_alone || !published);
    let is_open = is_alone || is_single;
    let outcomes = outcomes.map(|outcome| view! { <Scenario outcome is_single is_alone is_open/> }).collect_view();
    view! {
        <section class="last" aria-labelledby="last-title" data-testid="last">
            <header>
                <h2 id="last-title">{heading}</h2>
                <p class="links">
                    <a href=api::REPORT target="_blank" rel="noopener" data-testid="report">"Open the report"</a>
                    <a href=format!("{}?download", api::REPORT) download="report.html">"Save it"</a>
                </p>
            </header>
            {stopped.then(|| view! { <p class="hint">"It was stopped before its end."</p> })}
            {decision}
            {reasons}
            <div class="outcomes">{outcomes}</div>
            <p class="hint"><code>{command}</code></p>
        </section>
    }
}

#[component]
fn Scenario(outcome: Outcome, is_single: bool, is_alone: bool, is_open: bool) -> impl IntoView {
    let all = Comparisons::here();
    let opened = RwSignal::new(is_open);
    Effect::new(move || {
        if opened.get() {
            all.want_results();
        }
    });
    let open = move |_| {
        // A set signal draws the curves again.
        if !opened.get_untracked() {
            opened.set(true);
        }
    };
    let (name, same_name) = (outcome.name.clone(), outcome.name.clone());
    let single = is_single.then(|| {
        let values = move || all.of(&name, |result| view! { <MeasuredValues rows=rows(result)/> });
        view! { {values} <p class="hint">"One run of each route decides nothing; five do."</p> }
    });
    let verdicts = (!is_single).then(|| view! { <Verdicts outcome=outcome.clone()/> });
    let void = (outcome.void > 0).then(|| {
        let words = match outcome.void {
            1 => "One run is void and decides nothing; the report has the reason.".to_owned(),
            void => format!("{void} runs are void and decide nothing; the report has the reasons."),
        };
        view! { <p class="hint" data-testid="void">{words}</p> }
    });
    // The report's own drawing, with all text escaped.
    let curves = move || {
        let curves = opened.get().then(|| all.of(&same_name, verdict::report::timelines));
        curves.flatten().unwrap_or_default()
    };
    let why = (!outcome.why.is_empty()).then(|| view! { <p class="prose">{outcome.why.join(" ")}</p> });
    let question = (!is_alone).then(|| view! { <span>{outcome.question}</span> });
    view! {
        <details class="outcome" open=is_open on:toggle=open data-testid=format!("outcome-{}", outcome.name)>
            <summary><b>{title(&outcome.name)}</b>" "{question}</summary>
            {single}
            {verdicts}
            {void}
            <div class="curves" inner_html=curves></div>
            {why}
        </details>
    }
}

/// The criteria at which each route is best, and the predictions that did not come true.
#[component]
fn Verdicts(outcome: Outcome) -> impl IntoView {
    let best = Route::ALL.map(|route| {
        let titles = outcome.best.get(route).map(|titles| titles.join(" · ")).filter(|titles| !titles.is_empty());
        view! { <dt><RouteTag route/></dt><dd>{titles.unwrap_or_else(|| "nothing is decided in its favour".to_owned())}</dd> }
    });
    let line =
        |what: &str, criteria: &[String]| (!criteria.is_empty()).then(|| format!("{what}: {}.", criteria.join(", ")));
    let wrong = line("Predicted wrongly", &outcome.wrong).map(|line| view! { <p class="wrong">{line}</p> });
    let open = line("Predicted, and not decided by these runs", &outcome.open)
        .map(|line| view! { <p class="hint">{line}</p> });
    view! { <dl class="best">{best.collect_view()}</dl>{wrong}{open} }
}
