//! The bar of the simulator: its parameters, its progress, and the result of the last run.

pub mod outcome;

use domain::api::simulation::{Parameters, Phase, Progress, SimulationView};
use domain::{Route, RouteChoice};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::simulation as api;
use crate::format::rate;
use crate::memo::Memo;
use crate::poll::poll;
use crate::signals::{changing, flag, text};
use outcome::{in_terminal, over, share, under_way};

const RATES: Offer = &[(10, "10/s"), (100, "100/s"), (300, "300/s"), (1000, "1 000/s"), (2000, "2 000/s")];
const DURATIONS: Offer = &[(10, "10 s"), (60, "1 min"), (300, "5 min"), (600, "10 min")];

/// The bar; nothing where the server has no simulator.
#[component]
pub fn SimulationBar(
    /// The state of the simulator.
    #[prop(optional)]
    view: RwSignal<Option<SimulationView>>,
) -> impl IntoView {
    let (asked, trouble) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let chosen = RwSignal::new(Parameters::default());
    let look = move || async move {
        // A server without a simulator will not get one.
        if asked.try_get_untracked() == Some(true) && view.with_untracked(Option::is_none) {
            return;
        }
        // Without an answer the header shows that the server is gone.
        if let Ok(seen) = api::look().await {
            // The running simulation may have been started elsewhere.
            if let Some(running) = seen.as_ref().and_then(|seen| seen.running.as_ref()) {
                chosen.try_set(running.parameters);
            }
            view.try_set(seen);
            asked.try_set(true);
        }
    };
    poll(1, look);
    let running = flag(move || view.with(|view| view.as_ref().is_some_and(|view| view.running.is_some())));
    let toggle = move |_| {
        let (parameters, stop) = (chosen.get_untracked(), running.get_untracked());
        spawn_local(async move {
            let done = if stop { api::stop().await } else { api::start(&parameters).await };
            trouble.try_set(done.err());
            look().await;
        });
    };
    let there = Memo::new(move |_| view.with(Option::is_some));
    changing(move || {
        if !there.get() {
            // The empty bar keeps its place until the first answer.
            return (!asked.get()).then(|| view! { <div class="simulation"></div> }).into_any();
        }
        view! {
            <section class="simulation" aria-labelledby="simulation-title" data-testid="simulation"
                data-state=text(move || if running.get() { "running" } else { "idle" }.to_owned())>
                <h2 id="simulation-title">"Simulated clients"</h2>
                <Choices chosen running/>
                <button type="button" data-testid="simulation-toggle" class:primary=move || !running.get() on:click=toggle>
                    {text(move || if running.get() { "Stop" } else { "Start" }.to_owned())}
                </button>
                <Outcome view/>
                <InTerminals view/>
                <p class="wrong" role="alert">{text(move || trouble.get().unwrap_or_default())}</p>
            </section>
        }
        .into_any()
    })
}

/// The options of a choice: numbers and their names.
type Offer = &'static [(u32, &'static str)];

#[component]
fn Choices(chosen: RwSignal<Parameters>, running: Signal<bool>) -> impl IntoView {
    let routes = [RouteChoice::All].into_iter().chain(Route::ALL.map(RouteChoice::One)).map(|route| {
        view! { <option value=route.name() prop:selected=flag(move || chosen.get().route == route)>{route.name()}</option> }
    });
    view! {
        <label><span>"Rate"</span>
            <select data-testid="simulation-rate" disabled=running on:change=move |event| {
                if let Ok(rate) = event_target_value(&event).parse::<u32>() { chosen.update(|chosen| chosen.rate = rate.into()) }
            }>{options(RATES, "/s", chosen, |chosen| chosen.rate)}</select>
        </label>
        <label><span>"Route"</span>
            <select data-testid="simulation-route" disabled=running on:change=move |event| {
                if let Ok(route) = event_target_value(&event).parse() { chosen.update(|chosen| chosen.route = route) }
            }>{routes.collect_view()}</select>
        </label>
        <label><span>"For"</span>
            <select data-testid="simulation-seconds" disabled=running on:change=move |event| {
                if let Ok(seconds) = event_target_value(&event).parse() { chosen.update(|chosen| chosen.seconds = seconds) }
            }>{options(DURATIONS, " s", chosen, |chosen| chosen.seconds.into())}</select>
        </label>
    }
}

/// The offered numbers, and the number of a simulation that was started elsewhere.
fn options(offer: Offer, unit: &'static str, chosen: RwSignal<Parameters>, read: fn(&Parameters) -> f64) -> AnyView {
    let now = move || chosen.with(read);
    let offered = move || offer.iter().any(|&(known, _)| f64::from(known) == now());
    let option = |&(known, name): &'static (u32, &'static str)| {
        view! { <option value=known.to_string() prop:selected=flag(move || now() == f64::from(known))>{name}</option> }
    };
    view! {
        <option value="" hidden=flag(offered) prop:selected=flag(move || !offered())>{text(move || rate(now()) + unit)}</option>
        {offer.iter().map(option).collect_view()}
    }
    .into_any()
}

/// The progress, or the result of the last run. Only a change of phase is announced.
#[component]
fn Outcome(view: RwSignal<Option<SimulationView>>) -> impl IntoView {
    let share = move || view.with(|view| view.as_ref()?.running.as_ref().map(share));
    let words = move || {
        view.with(|view| match view {
            Some(SimulationView { running: Some(progress), .. }) => under_way(progress),
            Some(SimulationView { last: Some(summary), .. }) => over(summary),
            _ => String::new(),
        })
    };
    let phase = text(move || {
        let phase = view.with(|view| match view {
            Some(SimulationView { running: Some(Progress { phase: Phase::Emitting, .. }), .. }) => {
                "The simulation runs."
            }
            Some(SimulationView { running: Some(_), .. }) => "The simulation settles.",
            Some(SimulationView { last: Some(_), .. }) => "The simulation is over.",
            _ => "",
        });
        phase.to_owned()
    });
    view! {
        <p class="hidden" role="status">{phase}</p>
        {changing(move || share().map(|share| view! { <progress max="1" value=share.to_string() aria-label="Simulation"></progress> }))}
        <p class="hint figures" data-testid="simulation-outcome">{text(words)}</p>
    }
}

/// The simulations that run in terminals; they end there.
#[component]
fn InTerminals(view: RwSignal<Option<SimulationView>>) -> impl IntoView {
    let lines =
        move || view.with(|view| view.iter().flat_map(|view| &view.announced).map(in_terminal).collect::<Vec<_>>());
    let line = |words| view! { <p class="hint figures announced" data-testid="simulation-announced">{words}</p> };
    changing(move || lines().into_iter().map(line).collect_view())
}
