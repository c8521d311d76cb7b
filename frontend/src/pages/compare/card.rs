//! The scenarios as cards with their questions.

use leptos::prelude::*;
use verdict::Scenario;
use verdict::api::ComparisonRequest;

use super::state::Comparisons;
use super::words::{duration, title};
use crate::address::Link;
use crate::signals::{flag, text};

/// The numbers of repetitions, and what they decide.
const REPETITIONS: [(u32, &str); 3] =
    [(1, "once: to see what happens"), (3, "3 times: decides losses"), (5, "5 times: decides latencies, too")];

/// The cards.
#[component]
pub fn Cards(
    /// The name of the only one to be shown; empty if all are.
    chosen: Memo<String>,
) -> impl IntoView {
    let all = Comparisons::here();
    let repetitions = RwSignal::new(1_u32);
    let options = REPETITIONS.map(|(count, words)| view! { <option value=count.to_string()>{words}</option> });
    let choose = move |event| repetitions.set(event_target_value(&event).parse().unwrap_or(1));
    let cards = move || {
        all.scenarios.with(|scenarios| {
            let chosen = chosen.get();
            let shown = scenarios.iter().filter(|scenario| chosen.is_empty() || scenario.name == chosen).cloned();
            shown.map(|scenario| view! { <Card scenario repetitions is_alone=!chosen.is_empty()/> }).collect_view()
        })
    };
    let none = flag(move || all.scenarios.with(Vec::is_empty));
    let heading = text(move || {
        let heading = if chosen.with(String::is_empty) { "One question at a time" } else { "Run it here" };
        heading.to_owned()
    });
    view! {
        <section class="scenarios" aria-labelledby="scenarios-title" hidden=none>
            <header>
                <h2 id="scenarios-title">{heading}</h2>
                <label><span>"Run it"</span><select data-testid="repetitions" on:change=choose>{options.collect_view()}</select></label>
            </header>
            <ul role="list">{cards}</ul>
        </section>
    }
}

#[component]
fn Card(scenario: Scenario, repetitions: RwSignal<u32>, is_alone: bool) -> impl IntoView {
    let all = Comparisons::here();
    let (name, heading) = (scenario.name.clone(), title(&scenario.name));
    let run = move |_| {
        let (scenario, repetitions) = (Some(name.clone()), Some(repetitions.get_untracked()));
        all.start(ComparisonRequest { scenario, repetitions });
    };
    let (question, lesson) = (scenario.question.clone(), scenario.lesson.clone());
    let href = format!("/compare/{}", scenario.name);
    let (test_id, label) = (format!("run-{}", scenario.name), format!("Run {heading}"));
    let takes = text(move || duration(&scenario, repetitions.get()));
    view! {
        <li class="card">
            {(!is_alone).then(|| view! { <h3><Link href>{heading}</Link></h3> <p>{question}</p> })}
            <details open=is_alone><summary>"What it shows"</summary><p class="hint">{lesson}</p></details>
            <p class="run">
                <button type="button" data-testid=test_id aria-label=label disabled=move || all.is_running() on:click=run>"Run"</button>
                <span class="hint">{takes}</span>
            </p>
        </li>
    }
}
