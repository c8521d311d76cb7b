//! The report as one page: no script, no other file, for screen and paper.

mod decision;
mod method_and_limits;
mod scenario;
mod verdict_table;

pub(super) use decision::table as decision_table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::route_sign::{glyphs, route_tag};
use super::text::explanations::{READING, ROUTES, TERMS, TITLE};
use super::text::runs;
use crate::Results;
use crate::judgement::Judgement;
use crate::results::ScenarioResult;

const STYLES: [&str; 5] = [
    include_str!("../../../frontend/styles/tokens.css"),
    include_str!("../../../frontend/styles/route_colours.css"),
    include_str!("../../styles/charts.css"),
    include_str!("../../styles/report.css"),
    include_str!("../../styles/print.css"),
];

/// The report; texts from scenario files are escaped.
pub fn html(results: &Results, judgement: &Judgement) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Which route? The comparison of " (runs::date(&results.began)) }
                style { (PreEscaped(STYLES.concat())) }
            }
            body {
                (glyphs())
                header.top { nav.bar aria-label="Parts of the report" {
                    a href="#answer" { "Which route?" }
                    a href="#routes" { "Routes" }
                    a href="#decision" { "Decision" }
                    a href="#choose" { "Choose" }
                    a href="#predictions" { "Predictions" }
                    a href="#scenarios" { "Scenarios" }
                    a href="#void" { "Void runs" }
                    a href="#method" { "Method" }
                    a href="#machine" { "Machine" }
                    a href="#limits" { "Limits" }
                } }
                main {
                    div.answer #answer {
                        h1 { (TITLE) }
                        ul { @for answer in &judgement.choice.answers { li { (answer) } } }
                        p.made { (runs::made(results)) }
                        @if results.stopped {
                            p.stopped { "The comparison was stopped before its end. The report has the runs that were finished." }
                        }
                    }
                    (own_brokers(results))
                    (routes())
                    (decision::section(&judgement.choice))
                    (decision::sentences(&judgement.choice))
                    (decision::predictions(judgement))
                    (index(&results.scenarios))
                    @for (result, verdicts) in results.scenarios.iter().zip(&judgement.scenarios) {
                        (scenario::article(result, verdicts))
                    }
                    (method_and_limits::void(results))
                    (method_and_limits::method(results))
                    (method_and_limits::limits())
                }
            }
        }
    };
    page.into_string()
}

fn own_brokers(results: &Results) -> Markup {
    let own = runs::own_brokers(results);
    html! {
        @if !own.is_empty() {
            section #brokers {
                h2 { "Brokers of one's own" }
                ul.plain { @for sentence in own { li { (sentence) } } }
            }
        }
    }
}

fn routes() -> Markup {
    html! {
        section #routes {
            h2 { "Routes" }
            dl.limits { @for (route, way) in ROUTES { div { dt { (route_tag(route)) } dd { (way) } } } }
            p.lead { (TERMS) }
        }
    }
}

fn index(scenarios: &[ScenarioResult]) -> Markup {
    html! {
        section #scenarios {
            h2 { "Scenarios" }
            ol.index {
                @for result in scenarios {
                    li { a href={ "#scenario-" (result.scenario.name) } { (result.scenario.name) } " " (result.scenario.question) }
                }
            }
            h3.how { "How to read them" }
            dl.limits { @for (title, text) in READING { div { dt { (title) } dd { (text) } } } }
        }
    }
}
