//! The outcome of a lesson's experiment: the numbers of this machine, and the reasons for them.

use domain::Route;
use leptos::prelude::*;
use verdict::results::ScenarioResult;
use verdict::{Criterion, number};

use super::lessons::Lesson;
use super::progress::Progress;
use crate::components::route_label::RouteTag;
use crate::pages::compare::state::Comparisons;

/// The criteria that every lesson shows; those that its scenario predicts come with them.
const ALWAYS: [Criterion; 4] =
    [Criterion::AcceptedP50, Criterion::ProcessedP50, Criterion::Unavailable, Criterion::Lost];

/// The outcome, if the last comparison had this lesson's scenario.
#[component]
pub fn Happened(
    /// The lesson.
    lesson: &'static Lesson,
) -> impl IntoView {
    let (all, progress) = (Comparisons::here(), Progress::here());
    let last = Memo::new(move |_| {
        let outcome = |last: &verdict::api::Last| {
            let outcome = last.scenarios.iter().find(|outcome| outcome.name == lesson.scenario);
            outcome.map(|outcome| (last.began.clone(), outcome.why.clone(), outcome.void))
        };
        all.view.with(|view| view.as_ref()?.last.as_ref().and_then(outcome))
    });
    Effect::new(move || {
        if last.with(Option::is_some) {
            progress.add(lesson.name);
        }
    });
    move || {
        let (_, why, void) = last.get()?;
        let result = all.results.with(|results| {
            results.as_ref()?.scenarios.iter().find(|result| result.scenario.name == lesson.scenario).cloned()
        })?;
        Some(view! { <Outcome result why void/> })
    }
}

#[component]
fn Outcome(result: ScenarioResult, why: Vec<String>, void: usize) -> impl IntoView {
    let curves = verdict::report::timelines(&result);
    let rows = rows(&result).into_iter().map(|(criterion, cells)| {
        let cells = cells.map(|cell| view! { <td class="figures">{cell}</td> });
        view! { <tr><th scope="row">{criterion.title()}</th>{cells.collect_view()}</tr> }
    });
    let heads = Route::ALL.map(|route| view! { <th scope="col"><RouteTag route/></th> });
    let void = (void > 0).then(|| {
        view! { <p class="hint">"Something else kept this machine busy, so some numbers say little. Run it again."</p> }
    });
    view! {
        <div class="happened" data-testid="happened">
            <h2>"What happened here"</h2>
            {void}
            <table>
                <thead><tr><td></td>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            <p class="prose">{why.join(" ")}</p>
            <div class="curves" inner_html=curves></div>
            <p class="hint">"One run of each route, on this machine. A comparison with several of them decides more: " <code>{format!("ese compare {}", result.scenario.name)}</code></p>
        </div>
    }
}

/// The numbers of the last run of each route.
fn rows(result: &ScenarioResult) -> Vec<(Criterion, [String; 3])> {
    let shown = |criterion: &Criterion| ALWAYS.contains(criterion) || result.scenario.predict.contains_key(criterion);
    let cell = |criterion: Criterion, route: Route| {
        let run = result.runs.iter().rfind(|run| run.route == route);
        let value = run.and_then(|run| run.values.get(&criterion).copied());
        value.map_or_else(|| "–".to_owned(), |value| number::value(criterion, value))
    };
    let row = |criterion| (criterion, Route::ALL.map(|route| cell(criterion, route)));
    Criterion::ALL.into_iter().filter(shown).map(row).collect()
}

#[cfg(test)]
mod tests {
    use verdict::results::Run;

    use super::*;

    #[test]
    fn the_numbers_of_the_last_run_of_each_route_are_shown() {
        let scenario = verdict::set::all().into_iter().find(|scenario| scenario.name == "quiet").unwrap();
        let run = |route, value| Run { values: [(Criterion::ProcessedP50, value)].into(), ..Run::new(route, 1) };
        let runs = vec![run(Route::Kafka, 9.0), run(Route::HttpPush, 2.5), run(Route::Kafka, 8.0)];
        let rows = rows(&ScenarioResult { scenario, runs });
        let processed = rows.iter().find(|(criterion, _)| *criterion == Criterion::ProcessedP50).unwrap();
        assert_eq!(processed.1, ["2.5 ms", "–", "8 ms"]);
        assert!(rows.iter().any(|(criterion, _)| *criterion == Criterion::Parts), "the scenario predicts it");
    }
}
