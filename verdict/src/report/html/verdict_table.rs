//! The table of verdicts: medians, comparisons of two routes with their intervals, and the bands.

use domain::Route;
use maud::{Markup, html};

use crate::judgement::{CriterionVerdict, PairVerdict, ScenarioVerdicts};
use crate::number::value;
use crate::report::route_sign::route_tag;
use crate::report::text::verdict_text;

/// Criteria that are 0 on all routes are in one sentence below the table.
pub(super) fn table(verdicts: &ScenarioVerdicts) -> Markup {
    let pairs = verdict_text::pairs(verdicts);
    html! {
        h4 { "Verdicts" }
        div.scroll tabindex="0" role="region" aria-label={ "Verdicts of " (verdicts.name) } {
            table.numbers.verdicts {
                thead { tr {
                    th scope="col" { "Criterion" }
                    @for route in Route::ALL { th scope="col" { (route_tag(route)) } }
                    @for (a, b) in &pairs { th scope="col" { (a) br; "against " (b) } }
                } }
                tbody { @for verdict in verdict_text::telling(verdicts) { (row(verdict, &pairs)) } }
            }
        }
        @if let Some(zeros) = verdict_text::zeros(verdicts) { p.note { (zeros) } }
    }
}

fn row(verdict: &CriterionVerdict, pairs: &[(Route, Route)]) -> Markup {
    let criterion = verdict.criterion;
    html! {
        tr {
            th scope="row" { (criterion.title()) small { "band: " (verdict_text::band(criterion)) } }
            @for route in Route::ALL {
                @let best = verdict.is_best(route);
                td data-route=[best.then_some(route)] {
                    @match verdict.summaries.get(route) {
                        Some(summary) => {
                            @if best { "✓ " }
                            (value(criterion, summary.median))
                            @if summary.least < summary.most {
                                small { (verdict_text::range(summary.least, summary.most)) }
                            }
                        }
                        None => "–",
                    }
                }
            }
            @for (a, b) in pairs {
                td { @if let Some(pair) = verdict.pairs.iter().find(|pair| (pair.a, pair.b) == (*a, *b)) { (comparison(pair)) } @else { "–" } }
            }
        }
    }
}

fn comparison(pair: &PairVerdict) -> Markup {
    let words = verdict_text::comparison(pair);
    html! {
        @match verdict_text::winner(pair) { Some(route) => b data-route=(route) { (words) }, None => (words) }
        @if let Some(effect) = &pair.effect { small { (verdict_text::effect(effect)) } }
    }
}
