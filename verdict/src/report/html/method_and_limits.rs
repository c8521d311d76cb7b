//! The end of the page: how a comparison is made, on which machine, and its limits.

use maud::{Markup, html};

use crate::Criterion;
use crate::report::text::method_and_limits::{LIMITS, METHOD, VERDICTS};
use crate::report::text::runs::{self, number_of, void_runs};
use crate::report::text::verdict_text;
use crate::results::Results;

pub(super) fn void(results: &Results) -> Markup {
    let void = void_runs(results);
    let all: usize = results.scenarios.iter().map(|result| result.runs.len()).sum();
    html! {
        section #void {
            h2 { "Void runs" }
            @if void.is_empty() {
                p { "All " (number_of(all as u64, "run is", "runs are")) " valid." }
            } @else {
                p.lead { "These runs decide nothing." }
                ul.plain {
                    @for (scenario, run, reasons) in void {
                        li { b { (scenario) } ", " (run.route) ", repetition " (run.repetition) ": " (reasons) "." }
                    }
                }
            }
        }
    }
}

pub(super) fn method(results: &Results) -> Markup {
    html! {
        section #method {
            h2 { "Method" }
            ul.plain { @for sentence in METHOD { li { (sentence) } } }
            h3.how { "How a verdict is made" }
            ul.plain { @for sentence in VERDICTS { li { (sentence) } } }
            h3.how { "The criteria" }
            dl.facts { @for criterion in Criterion::ALL { dt { (verdict_text::title(criterion)) } dd { (criterion.meaning()) } } }
        }
        section #machine {
            h2 { "Machine, versions and command" }
            dl.facts {
                @for (name, fact) in runs::facts(results) { dt { (name) } dd { (fact) } }
            }
        }
    }
}

pub(super) fn limits() -> Markup {
    html! {
        section #limits {
            h2 { "Limits: what one machine cannot show" }
            dl.limits { @for (title, text) in LIMITS { div { dt { (title) } dd { (text) } } } }
        }
    }
}
