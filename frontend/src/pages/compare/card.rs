//! The scenarios as cards with their questions.

use leptos::prelude::*;
use verdict::Scenario;
use verdict::api::ComparisonRequest;

use super::state::Comparisons;
use super::words::{duration, title};
use crate::signals::{flag, text};

/// The numbers of repetitions, and what they decide.
const REPETITIONS: [(u32, &str); 3] =
    [(1, "once: to see what happens"), (3, "3 times: decides losses"), (5, "5 times: decides latencies, too")];

/// The cards.
#[component]
pub fn Cards() -> impl IntoView {
    let all = Comparisons::here();
    let repetitions = RwSignal::new(1_u32);
    let options = REPETITIONS.map(|(count, words)| view! { <option value=count.to_string()>{words}</option> });
    let choose = move |event| repetitions.set(event_target_value(&event).parse().unwrap_or(1));
    let cards = move || {
        all.scenarios.with(|scenarios| {
            scenarios.iter().cloned().map(|scenario| view! { <Card scenario repetitions/> }).collect_view()
        })
    };
    let none = flag(move || all.scenarios.with(Vec::is_empty));
    view! {
        <section class="scenarios" aria-labelledby="scenarios-title" hidden=none>
            <header>
                <h2 id="scenarios-title">"One question at a time"</h2>
                <label><span>"Run it"</span><select data-testid="repetitions" on:change=choose>{options.collect_view()}</select></label>
            </header>
            <ul role="list">{cards}</ul>
        </section>
    }
}

#[component]
fn Card(scenario: Scenario, repetitions: RwSignal<u32>) -> impl IntoView {
    let all = Comparisons::here();
    let (name, heading) = (scenario.name.clone(), title(&scenario.name));
    let run = move |_| {
        let (scenario, repetitions) = (Some(name.clone()), Some(repetitions.get_untracked()));
        all.start(ComparisonRequest { scenario, repetitions });
    };
    let (question, lesson) = (scenario.question.clone(), scenario.lesson.clone());
    let test_id = format!("run-{}", scenario.name);
    let takes = text(move || duration(&scenario, repetitions.get()));
    view! {
        <li class="card">
            <h3>{heading.clone()}</h3>
            <p>{question}</p>
            <details><summary>"What it shows"</summary><p class="hint">{lesson}</p></details>
            <p class="run">
                <button type="button" data-testid=test_id aria-label=format!("Run {heading}") disabled=move || all.is_running() on:click=run>"Run"</button>
                <span class="hint">{takes}</span>
            </p>
        </li>
    }
}
