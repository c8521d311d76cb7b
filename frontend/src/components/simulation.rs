//! The simulator: how many events, by which route, for how long; how it goes, and what came of the last one.

use domain::api::simulation::{Parameters, Phase, Progress, SimulationView, Summary};
use domain::{Route, RouteChoice};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::simulation as api;
use crate::components::{flag, text};
use crate::format::{count, duration, events, rate};
use crate::poll::poll;

const RATES: Offer = &[(10, "10/s"), (100, "100/s"), (300, "300/s"), (1000, "1 000/s"), (2000, "2 000/s")];
const DURATIONS: Offer = &[(10, "10 s"), (60, "1 min"), (300, "5 min"), (600, "10 min")];

/// The bar; nothing where the server has no simulator.
#[component]
pub fn SimulationBar() -> impl IntoView {
    let view = RwSignal::new(None::<SimulationView>);
    let (asked, trouble) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let chosen = RwSignal::new(Parameters::default());
    let look = move || async move {
        // A server that has none will not come to have one.
        if asked.try_get_untracked() == Some(true) && view.with_untracked(Option::is_none) {
            return;
        }
        // Where there is no answer the header says that the server is gone.
        if let Ok(seen) = api::look().await {
            // What runs may have been started elsewhere.
            if let Some(running) = seen.as_ref().and_then(|seen| seen.running.as_ref()) {
                chosen.try_set(running.parameters);
            }
            view.try_set(seen);
            asked.try_set(true);
        }
    };
    poll(1, look);
    let running = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.running.is_some())));
    let toggle = move |_| {
        let (parameters, stop) = (chosen.get_untracked(), running.get_untracked());
        spawn_local(async move {
            let done = if stop { api::stop().await } else { api::start(&parameters).await };
            trouble.try_set(done.err());
            look().await;
        });
    };
    let there = Memo::new(move |_| view.with(Option::is_some));
    move || {
        if !there.get() {
            // Its place, until it is known whether it is needed.
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
                <p class="wrong" role="alert">{text(move || trouble.get().unwrap_or_default())}</p>
            </section>
        }
        .into_any()
    }
}

/// What can be chosen: numbers and their names.
type Offer = &'static [(u32, &'static str)];

#[component]
fn Choices(chosen: RwSignal<Parameters>, running: Memo<bool>) -> impl IntoView {
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

/// The numbers offered, and the one of a simulation that was started elsewhere with another.
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

/// How it goes, or what came of the last one. Only a change of phase is announced.
#[component]
fn Outcome(view: RwSignal<Option<SimulationView>>) -> impl IntoView {
    let part = move || view.with(|view| view.as_ref().and_then(|view| view.running.clone()));
    let share = move || part().map(|progress| share(&progress));
    let words = move || {
        view.with(|view| match view {
            Some(SimulationView { running: Some(progress), .. }) => under_way(progress),
            Some(SimulationView { last: Some(summary), .. }) => over(summary),
            _ => String::new(),
        })
    };
    let phase = Memo::new(move |_| {
        view.with(|view| match view {
            Some(SimulationView { running: Some(Progress { phase: Phase::Emitting, .. }), .. }) => {
                "The simulation runs."
            }
            Some(SimulationView { running: Some(_), .. }) => "The simulation settles.",
            Some(SimulationView { last: Some(_), .. }) => "The simulation is over.",
            _ => "",
        })
    });
    view! {
        <p class="hidden" role="status">{phase}</p>
        {move || share().map(|share| view! { <progress max="1" value=share.to_string() aria-label="Simulation"></progress> })}
        <p class="hint figures" data-testid="simulation-outcome">{text(words)}</p>
    }
}

/// How much of it is over, from 0 to 1.
fn share(progress: &Progress) -> f64 {
    match progress.phase {
        Phase::Emitting => (progress.elapsed_seconds / f64::from(progress.parameters.seconds)).min(1.0),
        Phase::Settling => 1.0,
    }
}

fn under_way(progress: &Progress) -> String {
    let most = |part: fn(&domain::api::simulation::Sent) -> u64| progress.routes.values().map(part).max().unwrap_or(0);
    let mut words = events(progress.created);
    for (number, name) in [(most(|sent| sent.waiting), "waiting"), (most(|sent| sent.shed), "shed")] {
        if number > 0 {
            words += &format!(" · {} {name}", count(number));
        }
    }
    match progress.phase {
        Phase::Emitting => words,
        Phase::Settling => words + " · waiting for the books",
    }
}

fn over(summary: &Summary) -> String {
    let slowest = summary.routes.values().filter_map(|sent| sent.latency).map(|times| times.p99_ms).fold(0.0, f64::max);
    let shed: u64 = summary.routes.values().map(|sent| sent.shed).sum();
    let shed = if shed > 0 { format!(" · {} shed", count(shed)) } else { String::new() };
    match summary.failures.first() {
        None => {
            format!("{}, all in the books{shed} · p99 until accepted {}", events(summary.created), duration(slowest))
        }
        Some(failure) => format!("{}, the books are not exact: {failure}", events(summary.created)),
    }
}

#[cfg(test)]
mod tests {
    use domain::ByRoute;
    use domain::api::simulation::{Sent, Times};

    use super::*;

    #[test]
    fn what_is_said_of_it() {
        let sent = Sent { waiting: 12, shed: 1234, ..Sent::default() };
        let mut progress = Progress {
            parameters: Parameters::default(),
            phase: Phase::Emitting,
            elapsed_seconds: 15.0,
            created: 1500,
            routes: [(Route::Kafka, sent), (Route::HttpPoll, Sent { waiting: 3, ..Sent::default() })].into(),
        };
        assert_eq!(under_way(&progress), "1\u{202f}500 events · 12 waiting · 1\u{202f}234 shed");
        assert_eq!(share(&progress), 0.25);
        progress.phase = Phase::Settling;
        progress.routes = ByRoute::new();
        assert_eq!(
            (under_way(&progress).as_str(), share(&progress)),
            ("1\u{202f}500 events · waiting for the books", 1.0)
        );

        let latency = Some(Times { p99_ms: 41.5, ..Times::default() });
        let mut summary = Summary {
            parameters: Parameters::default(),
            stopped: false,
            emitting_seconds: 60.0,
            settling_seconds: 1.0,
            created: 1,
            bursts: 0,
            orders_left: 0,
            lateness: None,
            routes: [(Route::Kafka, Sent { latency, ..Sent::default() })].into(),
            ledger: ByRoute::new(),
            failures: Vec::new(),
        };
        assert_eq!(over(&summary), "1 event, all in the books · p99 until accepted 42 ms");
        summary.failures = vec!["kafka: the residual is 1.".to_owned()];
        assert_eq!(over(&summary), "1 event, the books are not exact: kafka: the residual is 1.");
    }
}
