//! The answer: the decision table, and which route to choose when.

use domain::Route;
use maud::{Markup, html};

use crate::judgement::{Cell, Choice, Judgement, Mark, PredictionOutcome, Row};
use crate::report::route_sign::route_tag;
use crate::report::text::explanations::{DECISION, MARKS};
use crate::report::text::verdict_text;

/// The place of a scenario in the report, without its name.
const PLACE: &str = "#scenario-";

pub(super) fn section(choice: &Choice) -> Markup {
    html! {
        section #decision {
            h2 { "Decision" }
            (table(&choice.table, PLACE))
        }
    }
}

/// The table, and how to read it.
pub(crate) fn table(rows: &[Row], place: &str) -> Markup {
    html! {
        p.lead {
            (DECISION) " Below a value: in how many scenarios its route is among the best, of those that separate the routes."
        }
        p.meanings { @for (mark, meaning) in MARKS { span data-mark=(verdict_text::mark(mark).0) { (sign(mark)) " " (meaning) } " " } }
        table.decision role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Criterion" }
                @for route in Route::ALL { th role="columnheader" scope="col" { (route_tag(route)) } }
                th role="columnheader" scope="col" { "Scenario" }
            } }
            tbody role="rowgroup" { @for row in rows { (decision_row(row, place)) } }
        }
    }
}

fn decision_row(row: &Row, place: &str) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" {
                @if row.is_reverse { span.hidden { (row.criterion.title()) } "… the reverse" } @else { (row.criterion.title()) }
                @if let Some(unit) = verdict_text::unit(row.criterion) { " " small { (unit) } }
            }
            @for route in Route::ALL {
                @match row.cells.get(route) {
                    Some(cell) => (decision_cell(route, cell, if row.is_reverse { 0 } else { row.decided_in })),
                    None => td role="cell" { span.hidden { "not measured" } "–" },
                }
            }
            td.text role="cell" { (link(place, &row.scenario)) }
        }
    }
}

fn decision_cell(route: Route, cell: &Cell, decided_in: usize) -> Markup {
    html! {
        td role="cell" data-route=(route) data-mark=(verdict_text::mark(cell.mark).0) {
            (sign(cell.mark)) span.hidden { (verdict_text::mark(cell.mark).0) ": " } (cell.value)
            @if decided_in > 0 { small { "best in " (cell.best_in) " of " (decided_in) } }
        }
    }
}

fn sign(mark: Mark) -> Markup {
    html! { span.sign aria-hidden="true" { (verdict_text::mark(mark).1) } }
}

fn link(place: &str, scenario: &str) -> Markup {
    html! { a href={ (place) (scenario) } { (scenario) } }
}

pub(super) fn sentences(choice: &Choice) -> Markup {
    html! {
        section #choose {
            h2 { "Choose" }
            ul.choose {
                @for sentence in &choice.sentences {
                    li {
                        p.about { @for &route in &sentence.routes { (route_tag(route)) } }
                        (sentence.text)
                        @if !sentence.evidence.is_empty() {
                            small {
                                @for (index, evidence) in sentence.evidence.iter().enumerate() {
                                    @if index > 0 { " · " }
                                    (link(PLACE, &evidence.scenario)) ", " (evidence.criterion.title())
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The wrong predictions.
pub(super) fn predictions(judgement: &Judgement) -> Markup {
    let wrong = || verdict_text::predicted(judgement, PredictionOutcome::Wrong);
    html! {
        section #predictions {
            h2 { "Predictions" }
            p.lead { (verdict_text::tally(judgement)) }
            @if wrong().next().is_some() {
                div.scroll tabindex="0" role="region" aria-label="Wrong predictions" {
                    table.predictions {
                        thead { tr {
                            th scope="col" { "Wrong in" } th.text scope="col" { "Criterion" }
                            th.text scope="col" { "Predicted" } th.text scope="col" { "Outcome" }
                        } }
                        tbody { @for (scenario, verdict, best) in wrong() { tr {
                            th scope="row" { (link(PLACE, scenario)) }
                            td.text { (verdict.criterion.title()) }
                            td.text { (verdict_text::best_routes(best)) }
                            td.text { (verdict_text::outcome(verdict)) }
                        } } }
                    }
                }
            }
        }
    }
}
