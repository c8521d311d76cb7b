//! The outcome of a lesson's experiment: the numbers of this machine, and the reasons for them.

use leptos::prelude::*;
use verdict::api::Last;
use verdict::results::ScenarioResult;

use super::lessons::Lesson;
use super::progress::Progress;
use crate::memo::Memo;
use crate::pages::compare::measured_values::{MeasuredValues, rows};
use crate::pages::compare::state::Comparisons;
use crate::signals::changing;

/// The outcome, if the last comparison here had this lesson's scenario.
#[component]
pub fn ExperimentResult(
    /// The lesson.
    lesson: &'static Lesson,
) -> impl IntoView {
    let (all, progress) = (Comparisons::here(), Progress::here());
    let last = Memo::new(move |_| {
        let outcome = |last: &Last| {
            let outcome = last.scenarios.iter().find(|outcome| !last.published && outcome.name == lesson.scenario)?;
            Some((last.began.clone(), outcome.why.clone(), outcome.void))
        };
        all.last(outcome).flatten()
    });
    Effect::new(move || {
        if last.with(Option::is_some) {
            all.want_results();
            progress.add(lesson.name);
        }
    });
    changing(move || {
        let (_, why, void) = last.get()?;
        all.of(lesson.scenario, |result| view! { <Outcome result=result.clone() why void/> })
    })
}

#[component]
fn Outcome(result: ScenarioResult, why: Vec<String>, void: usize) -> impl IntoView {
    let curves = verdict::report::timelines(&result);
    let why = (!why.is_empty()).then(|| view! { <p class="prose">{why.join(" ")}</p> });
    let void = (void > 0).then(|| {
        view! { <p class="hint">"Something else kept this machine busy, so some numbers say little. Run it again."</p> }
    });
    view! {
        <div class="happened" data-testid="happened">
            <h2>"What happened here"</h2>
            {void}
            <MeasuredValues rows=rows(&result)/>
            {why}
            <div class="curves" inner_html=curves></div>
            <p class="hint">"One run of each route, on this machine. A comparison with several of them decides more: " <code>{format!("ese compare {}", result.scenario.name)}</code></p>
        </div>
    }
}
