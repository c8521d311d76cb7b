//! The comparison under way: the present run, its curves, and the time to go.

use leptos::prelude::*;
use verdict::api::{Running, to_go};

use super::compare_text::{present, progress, title};
use super::state::Comparisons;
use crate::signals::{flag, text};

/// The panel; nothing while no comparison is under way.
#[component]
pub fn RunningPanel() -> impl IntoView {
    let all = Comparisons::here();
    let of = move |words: fn(&Running) -> String| text(move || all.running(words).unwrap_or_default());
    let idle = flag(move || !all.is_running());
    let question =
        |running: &Running| running.now.as_ref().map(|now| now.scenario.question.clone()).unwrap_or_default();
    let name = |running: &Running| running.scenario.as_deref().map_or("Quick comparison".to_owned(), title);
    let share = of(|running| (f64::from(running.done) / f64::from(running.of.max(1))).to_string());
    // The report's own drawing, with all text escaped.
    let curves = of(|running| running.now.as_ref().map(verdict::report::timelines).unwrap_or_default());
    view! {
        <section class="running" aria-labelledby="running-title" data-testid="running" hidden=idle>
            <header>
                <h2 id="running-title">{of(name)}</h2>
                <p class="figures" data-testid="to-go">{of(|running| to_go(running.seconds_left))}</p>
                <button type="button" class="quiet" data-testid="stop" on:click=move |_| all.stop()>"Stop"</button>
            </header>
            <progress max="1" value=share aria-label="Finished runs"></progress>
            <p class="figures" role="status">{of(progress)}</p>
            <p class="present" data-testid="present">{of(present)}</p>
            <p class="hint">{of(question)}</p>
            <div class="curves" inner_html=curves></div>
        </section>
    }
}
