//! The experiment of a lesson: a scenario that runs here, with the visitor's own clicks mixed in.

use leptos::prelude::*;
use verdict::api::ComparisonRequest;

use super::experiment_result::ExperimentResult;
use super::lessons::Lesson;
use super::own_clicks::OwnClicks;
use crate::pages::compare::compare_text::duration;
use crate::pages::compare::running::RunningPanel;
use crate::pages::compare::state::Comparisons;
use crate::signals::{flag, text};

/// The experiment.
#[component]
pub fn Experiment(
    /// The lesson.
    lesson: &'static Lesson,
) -> impl IntoView {
    let all = Comparisons::provide();
    let missing = flag(move || all.asked.get() && all.view.with(Option::is_none));
    let run = move |_| {
        all.start(ComparisonRequest { scenario: Some(lesson.scenario.to_owned()), repetitions: Some(1) });
    };
    let takes = text(move || {
        let scenario = |scenario: &&verdict::Scenario| scenario.name == lesson.scenario;
        let takes =
            all.scenarios.with(|scenarios| scenarios.iter().find(scenario).map(|scenario| duration(scenario, 1)));
        takes.map(|takes| format!("Over each route once, one after the other: {takes}.")).unwrap_or_default()
    });
    let is_other =
        flag(move || all.running(|running| running.scenario.as_deref() != Some(lesson.scenario)) == Some(true));
    view! {
        <section class="experiment comparison" aria-labelledby="experiment-title">
            <div inner_html=verdict::report::signs()></div>
            <h2 id="experiment-title">"What you should see"</h2>
            <p class="expect">{lesson.expect}</p>
            <div class="actions" hidden=move || missing.get()>
                <button type="button" class="primary" data-testid="run" disabled=move || all.is_running() on:click=run>"Run the experiment"</button>
                <span class="hint">{takes}</span>
            </div>
            <p class="hint" hidden=move || !missing.get()>"This server runs no experiments; "<code>"ese up"</code>" does."</p>
            <p class="hint" hidden=move || !is_other.get()>"Another comparison is under way. The experiment can start when it has ended."</p>
            <p class="wrong" role="alert">{text(move || all.trouble.get())}</p>
            <RunningPanel/>
            <OwnClicks/>
            <ExperimentResult lesson/>
        </section>
    }
}
