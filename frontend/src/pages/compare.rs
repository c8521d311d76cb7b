//! Compare: which route to choose when, from scenarios that run here. Each scenario has an address of its own.

pub mod compare_text;
pub mod decision;
pub mod last_result;
pub mod measured_values;
pub mod running;
pub mod scenario_cards;
pub mod state;

use leptos::prelude::*;
use verdict::api::ComparisonRequest;

use crate::address::{Address, Link};
use crate::memo::Memo;
use crate::signals::{changing, flag, text};
use compare_text::{answers, published};
use last_result::LastResult;
use running::RunningPanel;
use scenario_cards::Cards;
use state::Comparisons;

/// The page.
#[component]
pub fn Compare() -> impl IntoView {
    let all = Comparisons::provide();
    let chosen = Address::here().rest();
    let missing = flag(move || all.asked.get() && all.view.with(Option::is_none));
    let offered = flag(move || all.view.with(Option::is_some) && chosen.with(String::is_empty));
    let is_one = flag(move || !chosen.with(String::is_empty));
    let answers = Memo::new(move |_| all.last(answers).unwrap_or_default());
    let item = |(answer, numbers): (String, String)| view! { <li>{answer}<span class="numbers">{numbers}</span></li> };
    let items = move || answers.get().into_iter().map(item).collect_view();
    let no_answers = flag(move || is_one.get() || answers.with(Vec::is_empty));
    let origin = text(move || all.last(published).unwrap_or_default());
    let question = text(move || {
        all.scenarios.with(|scenarios| {
            match scenarios.iter().find(|scenario| chosen.with(|name| *name == scenario.name)) {
                Some(scenario) => scenario.question.clone(),
                None if scenarios.is_empty() => String::new(),
                None => "There is no such scenario.".to_owned(),
            }
        })
    });
    let quick = move |_| all.start(ComparisonRequest::default());
    view! {
        <div class="sheet comparison" data-one=text(move || is_one.get().to_string())>
            <div inner_html=verdict::report::signs()></div>
            <header class="answer">
                <p class="up" hidden=move || !is_one.get()><Link href="/compare" exact=true>"All scenarios"</Link></p>
                <h1 data-testid="answer">{text(move || if is_one.get() { question.get() } else { "Plain HTTP, or Kafka?".to_owned() })}</h1>
                <ul class="answers" data-testid="answers" hidden=no_answers>{changing(items)}</ul>
                <p class="hint" data-testid="published" hidden=is_one>{origin}</p>
                <p class="hint">"Real faults on the same load, over each route alone, on processes of their own; every event is counted. Nothing here touches your sessions."</p>
                <div class="actions" hidden=move || !offered.get()>
                    <button type="button" class="primary" data-testid="quick" disabled=move || all.is_running() on:click=quick>"Quick comparison"</button>
                    <span class="hint">"Five scenarios, three times over each route: about six minutes."</span>
                </div>
                <p class="hint" data-testid="no-comparisons" hidden=move || !missing.get()>
                    "This server runs no comparisons; "<code>"ese up"</code>" does, and "<code>"ese compare --quick"</code>" needs no page at all."
                </p>
                <p class="wrong" role="alert">{text(move || all.trouble.get())}</p>
            </header>
            <RunningPanel/>
            <LastResult chosen/>
            <Cards chosen/>
        </div>
    }
}
