//! The section of one scenario, from its question to its lesson.

use domain::Route;
use maud::{Markup, html};

use super::verdict_table;
use crate::chart::{distribution, timeline};
use crate::judgement::ScenarioVerdicts;
use crate::number::count;
use crate::report::text::runs::{self, valid_runs};
use crate::report::text::{setting as words, verdict_text};
use crate::report::{figures, route_sign::route_tag};
use crate::results::ScenarioResult;
use crate::scenario::Scenario;

pub(super) fn article(result: &ScenarioResult, verdicts: &ScenarioVerdicts) -> Markup {
    let scenario = &result.scenario;
    html! {
        article id={ "scenario-" (scenario.name) } {
            p.name { (scenario.name) }
            h3 { (scenario.question) }
            (setting(scenario))
            (best(verdicts))
            (predictions(verdicts))
            (charts(result))
            (ledger(result))
            (verdict_table::table(verdicts))
            @if !verdicts.why.is_empty() { h4 { "Why" } p.prose { (verdicts.why.join(" ")) } }
            h4 { "Lesson" }
            p.prose { (scenario.lesson) }
        }
    }
}

fn setting(scenario: &Scenario) -> Markup {
    html! {
        dl.facts {
            dt { "Load" } dd { (words::load(scenario)) }
            dt { "Stack" } dd { (words::stack(scenario)) }
            @if !scenario.faults.is_empty() { dt { "Fault" } }
            @for fault in &scenario.faults { dd { (words::fault(fault)) } }
            @if let Some(reader) = &scenario.second_reader { dt { "Second reader" } dd { "from second " (reader.at) } }
        }
    }
}

/// The criteria at which each route is best; those without a winner are left to the table.
fn best(verdicts: &ScenarioVerdicts) -> Markup {
    html! {
        dl.facts.best {
            @for (route, titles) in verdict_text::best(verdicts) {
                dt { (route_tag(route)) } dd { small { "best at " } @if titles.is_empty() { small { "nothing" } } @else { (titles.join(" · ")) } }
            }
        }
    }
}

/// Each prediction beside its outcome; a wrong one is shown as wrong.
fn predictions(verdicts: &ScenarioVerdicts) -> Markup {
    let predicted = || verdicts.criteria.iter().filter_map(|verdict| Some((verdict, verdict.prediction.as_ref()?)));
    html! {
        h4 { "Prediction and outcome" }
        @if predicted().next().is_none() { p.note { "Nothing was predicted." } } @else {
            div.scroll tabindex="0" role="region" aria-label={ "Predictions of " (verdicts.name) } {
                table.predictions {
                    thead { tr {
                        th scope="col" { "Criterion" } th.text scope="col" { "Predicted before the runs" }
                        th.text scope="col" { "Outcome" } th.text scope="col" { "The prediction was" }
                    } }
                    tbody { @for (verdict, prediction) in predicted() { tr {
                        th scope="row" { (verdict.criterion.title()) }
                        td.text { (verdict_text::best_routes(&prediction.best)) }
                        td.text { (verdict_text::outcome(verdict)) }
                        td.text data-result=(verdict_text::result(prediction.outcome).0) {
                            span aria-hidden="true" { (verdict_text::result(prediction.outcome).1) " " }
                            (verdict_text::result(prediction.outcome).0)
                        }
                    } } }
                }
            }
        }
    }
}

fn charts(result: &ScenarioResult) -> Markup {
    let timeline = timeline::timeline(result, 0);
    html! {
        @if timeline.routes.is_empty() {
            p.stopped { "There is no valid run." }
        } @else {
            (figures::timeline(&timeline))
            (figures::distributions(&distribution::distributions(result)))
        }
    }
}

fn ledger(result: &ScenarioResult) -> Markup {
    let routes = || Route::ALL.into_iter().filter(|&route| valid_runs(result, route).next().is_some());
    let terms = || runs::TERMS.into_iter().filter(|(term, read)| runs::is_shown(result, term, *read));
    html! {
        @if routes().next().is_some() {
            h4 { "Ledger" }
            div.scroll tabindex="0" role="region" aria-label={ "Ledger of " (result.scenario.name) } {
                table.numbers {
                    thead { tr { th scope="col" { "Route" } @for (term, _) in terms() { th scope="col" { (term) } } } }
                    tbody { @for route in routes() { tr {
                        th scope="row" { (route_tag(route)) }
                        @for (term, read) in terms() {
                            (number(term, valid_runs(result, route).map(|run| read(&run.ledger)).sum()))
                        }
                    } } }
                }
            }
            @for (route, refusals) in runs::refusals(result) { p.note { "Refusals on " (route) ", in all valid runs: " (refusals) "." } }
        }
    }
}

fn number(term: &str, number: u64) -> Markup {
    let bad = number > 0 && matches!(term, "lost" | "residual");
    let class = if number == 0 { Some("zero") } else { bad.then_some("bad") };
    html! { td class=[class] { (count(number)) } }
}
