//! The state of Live: the faults of the stack and the queues of the routes, measured once a second.

use domain::api::GuaranteeView;
use domain::api::faults::{ActiveFault, FaultRequest, FaultsView};
use domain::api::simulation::SimulationView;
use domain::{Guarantee, Route, RouteChoice};
use leptos::prelude::*;

use super::queue_size::{Growth, Intake, Queue};
use crate::api::{backend_metrics, faults as api, guarantee};
use crate::context::Page;
use crate::poll::poll;

/// All that is measured, in one value: each type of signal brings code of its own.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The faults; none if the stack offers none.
    pub faults: Option<FaultsView>,
    /// Whether there was an answer about faults.
    pub asked: bool,
    /// The guarantees; none if the stack has no such switch.
    pub guarantees: Option<GuaranteeView>,
    /// The queue of each route.
    pub queues: [Queue; 3],
    /// The longest queue since all were empty: the scale of the bars, so that a bar that drains does not grow.
    pub longest: u64,
    /// Its change.
    pub growth: [Growth; 3],
    /// The last count of the consumer, and the backend's counts.
    pub intake: Intake,
}

impl Measured {
    /// The active faults.
    pub fn active(&self) -> &[ActiveFault] {
        self.faults.as_ref().map_or(&[], |faults| &faults.active)
    }

    /// The fault of this kind on this part or connection, if it is active.
    pub fn active_fault(&self, kind: &str, target: &str) -> Option<&ActiveFault> {
        self.active().iter().find(|fault| fault.kind == kind && fault.target == target)
    }

    /// The guarantee of a route.
    pub fn guarantee(&self, route: Route) -> Guarantee {
        self.guarantees.as_ref().and_then(|view| view.routes.get(route).copied()).unwrap_or_default()
    }

    /// Whether the consumer's connection to this part is cut or reset, and no fault is on the part or on the backend's connection.
    pub fn cuts_off_only_consumer(&self, part: &str) -> bool {
        let is_on = |target: &str| self.active().iter().any(|fault| fault.target == target);
        let connection = format!("consumer-{part}");
        let is_cut = ["cut", "reset"].into_iter().any(|kind| self.active_fault(kind, &connection).is_some());
        is_cut && !is_on(part) && !is_on(&format!("backend-{part}"))
    }

    /// Whether faults are offered on this part or connection.
    pub fn offers(&self, target: &str) -> bool {
        self.faults.as_ref().is_some_and(|faults| faults.faults.iter().any(|fault| fault.target == target))
    }
}

/// The shared state; copies share it.
#[derive(Clone, Copy)]
pub struct LiveState {
    /// The measurements.
    pub measured: RwSignal<Measured>,
    /// The part or the connection whose faults are open; empty for none.
    pub open: RwSignal<&'static str>,
}

impl LiveState {
    /// Measures from now on, for this component and those below it.
    pub fn provide(simulation: RwSignal<Option<SimulationView>>) {
        let page = Page::here();
        let live = Self { measured: RwSignal::default(), open: RwSignal::new("") };
        provide_context(live);
        poll(1, move || live.look_at_faults());
        poll(5, move || async move {
            if let Ok(found) = guarantee::look().await {
                live.measured.try_update(|measured| measured.guarantees = found);
            }
        });
        poll(1, move || async move {
            let metrics = backend_metrics::look().await;
            live.measured.try_update(|measured| {
                page.state.with_untracked(|state| measured.intake.take(metrics, state.samples.latest()));
                for route in Route::ALL {
                    let queue = queue(page, route, &measured.intake, simulation);
                    measured.queues[route as usize] = queue;
                    measured.growth[route as usize].take(queue.on_route.map(|_| queue.all()), page.now.get_untracked());
                }
                let longest = measured.queues.iter().map(Queue::all).max().unwrap_or(0);
                measured.longest = if longest == 0 { 0 } else { longest.max(measured.longest) };
            });
        });
    }

    /// That of the page.
    pub fn here() -> Self {
        expect_context()
    }

    async fn look_at_faults(self) {
        // A stack without faults will not get any.
        if self.measured.try_with_untracked(|measured| measured.asked && measured.faults.is_none()) != Some(false) {
            return;
        }
        // Without an answer the header shows that the server is gone.
        if let Ok(faults) = api::look().await {
            self.measured.try_update(|measured| (measured.faults, measured.asked) = (faults, true));
        }
    }

    /// Changes the faults, then reads them again, so that the page shows the change at once.
    pub async fn change(self, change: Change) -> Result<(), String> {
        let token = |measured: &Measured| measured.faults.as_ref().map(|faults| faults.token.clone());
        let token = self.measured.try_with_untracked(token).flatten().unwrap_or_default();
        let outcome = match change {
            Change::Start(fault) => api::start(&token, &fault).await,
            Change::Stop(id) => api::stop(&token, id).await,
            Change::Restore => api::restore(&token).await,
        };
        self.look_at_faults().await;
        outcome
    }
}

/// A change of the faults.
pub enum Change {
    /// Starts one.
    Start(FaultRequest),
    /// Ends the one with this number.
    Stop(u64),
    /// Ends all.
    Restore,
}

/// The queue of a route now, from the live stream, the tracker, the simulated clients and the backend's metrics.
fn queue(page: Page, route: Route, intake: &Intake, simulation: RwSignal<Option<SimulationView>>) -> Queue {
    let now = page.now.get_untracked();
    let (own, live, lag) = page.state.with_untracked(|state| {
        let own = state.sending.waiting(RouteChoice::One(route)) as u64;
        (own, state.feed.name(now) == "live", state.route_stats(route, now).and_then(|stats| stats.lag))
    });
    let waiting = |view: &SimulationView| {
        let simulations = view.running.iter().chain(&view.announced);
        simulations.filter_map(|progress| progress.routes.get(route)).map(|sent| sent.waiting).sum::<u64>()
    };
    let simulated = simulation.try_with_untracked(|view| view.as_ref().map(waiting)).flatten();
    let on_route = match (live, route) {
        (true, _) => lag.map(|lag| lag.events),
        // Nothing is left on the way.
        (false, Route::HttpPush) => Some(0),
        (false, _) => intake.estimate(route),
    };
    let estimated = !live && route != Route::HttpPush;
    Queue { at_senders: own + simulated.unwrap_or(0), on_route, estimated }
}
