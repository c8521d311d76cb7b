//! The measured values of a scenario: those of the last run of each route.

use domain::Route;
use leptos::prelude::*;
use verdict::results::ScenarioResult;
use verdict::{Criterion, number};

use crate::components::route_label::RouteTag;

/// The criteria that are always shown; those that the scenario predicts come with them.
const ALWAYS: [Criterion; 4] =
    [Criterion::AcceptedP50, Criterion::ProcessedP50, Criterion::Unavailable, Criterion::Lost];

/// A criterion, and the value of each route.
type Row = (Criterion, [String; 3]);

/// The values as a table.
#[component]
pub fn MeasuredValues(
    /// The rows.
    rows: Vec<Row>,
) -> impl IntoView {
    let rows = rows.into_iter().map(|(criterion, cells)| {
        let cells = cells.map(|cell| view! { <td class="figures">{cell}</td> });
        view! { <tr><th scope="row">{criterion.title()}</th>{cells.collect_view()}</tr> }
    });
    let heads = Route::ALL.map(|route| view! { <th scope="col"><RouteTag route/></th> });
    view! {
        <table class="values">
            <thead><tr><td></td>{heads.collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// The rows of a scenario.
pub fn rows(result: &ScenarioResult) -> Vec<Row> {
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
        let scenario = verdict::builtin_scenarios::all().into_iter().find(|scenario| scenario.name == "quiet").unwrap();
        let run = |route, value| Run { values: [(Criterion::ProcessedP50, value)].into(), ..Run::new(route, 1) };
        let runs = vec![run(Route::Kafka, 9.0), run(Route::HttpPush, 2.5), run(Route::Kafka, 8.0)];
        let rows = rows(&ScenarioResult { scenario, runs });
        let processed = rows.iter().find(|(criterion, _)| *criterion == Criterion::ProcessedP50).unwrap();
        assert_eq!(processed.1, ["2.5 ms", "–", "8 ms"]);
        assert!(rows.iter().any(|(criterion, _)| *criterion == Criterion::Parts), "the scenario predicts it");
    }
}
