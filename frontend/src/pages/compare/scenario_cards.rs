//! The scenarios as cards with their questions, in groups.

use leptos::prelude::*;
use verdict::Scenario;
use verdict::api::ComparisonRequest;

use super::compare_text::{duration, title};
use super::state::Comparisons;
use crate::address::Link;
use crate::components::fold::Fold;
use crate::memo::Memo;
use crate::signals::{changing, flag, text};

/// The numbers of repetitions, and what they decide.
const REPETITIONS: [(u32, &str); 3] =
    [(1, "once: to see what happens"), (3, "3 times: decides losses"), (5, "5 times: decides latencies, too")];

/// The groups: their headings, and the names of their scenarios.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Nothing fails", &["quiet", "cold-start", "steady", "burst", "large-events", "slow-network"]),
    (
        "A part is away",
        &[
            "consumer-down",
            "database-down",
            "database-down-no-retry",
            "backend-down",
            "broker-restart",
            "leader-killed",
            "mail-server-down",
            "senders-offline",
            "outage-outlasts-store",
        ],
    ),
    (
        "More work, more consumers, more readers",
        &[
            "slow-consumer",
            "hot-key",
            "more-consumers",
            "more-consumers-than-partitions",
            "second-reader",
            "new-rule-old-events",
        ],
    ),
    ("Crashes and guarantees", &["crash-loop", "at-most-once", "at-least-once", "effectively-once"]),
];

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
        let chosen = chosen.get();
        if chosen.is_empty() {
            let groups = GROUPS.map(|(heading, names)| view! { <Group heading names repetitions/> });
            return groups.collect_view().into_any();
        }
        let scenario =
            all.scenarios.with(|scenarios| scenarios.iter().find(|scenario| scenario.name == chosen).cloned());
        let card = scenario.map(|scenario| view! { <Card scenario repetitions is_alone=true/> });
        view! { <ul role="list">{card}</ul> }.into_any()
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
            {changing(cards)}
        </section>
    }
}

/// A group. The first one is open where there is room.
#[component]
fn Group(heading: &'static str, names: &'static [&'static str], repetitions: RwSignal<u32>) -> impl IntoView {
    let all = Comparisons::here();
    let cards = move || {
        all.scenarios.with(|scenarios| {
            let own = scenarios.iter().filter(|scenario| names.contains(&scenario.name.as_str())).cloned();
            own.map(|scenario| view! { <Card scenario repetitions is_alone=false/> }).collect_view()
        })
    };
    let folded = heading != GROUPS[0].0;
    view! { <Fold heading folded><ul role="list">{changing(cards)}</ul></Fold> }
}

#[component]
fn Card(scenario: Scenario, repetitions: RwSignal<u32>, is_alone: bool) -> impl IntoView {
    let all = Comparisons::here();
    let (name, heading) = (scenario.name.clone(), title(&scenario.name));
    let run = move |_| {
        let (scenario, repetitions) = (Some(name.clone()), Some(repetitions.get_untracked()));
        all.start(ComparisonRequest { scenario, repetitions });
    };
    let (test_id, label) = (format!("run-{}", scenario.name), format!("Run {heading}"));
    // The question of a scenario alone is the heading of its page.
    let about = if is_alone { scenario.lesson.clone() } else { scenario.question.clone() };
    let href = format!("/compare/{}", scenario.name);
    let heading = (!is_alone).then(|| view! { <h4><Link href>{heading}</Link></h4> });
    let takes = text(move || duration(&scenario, repetitions.get()));
    view! {
        <li class="card">
            {heading}
            <p>{about}</p>
            <p class="run">
                <button type="button" data-testid=test_id aria-label=label disabled=move || all.is_running() on:click=run>"Run"</button>
                <span class="hint">{takes}</span>
            </p>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scenario_is_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let all = verdict::builtin_scenarios::all();
        let mut names: Vec<&str> = all.iter().map(|scenario| scenario.name.as_str()).collect();
        grouped.sort_unstable();
        names.sort_unstable();
        assert_eq!(grouped, names);
    }
}
