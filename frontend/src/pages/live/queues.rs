//! The queues of all routes, from the live stream, the tracker, the simulated clients and the backend's metrics.

use domain::api::simulation::SimulationView;
use domain::{Route, RouteChoice};
use leptos::prelude::*;

use super::queue_size::{Growth, Intake, Queue, scale};
use crate::api::backend_metrics;
use crate::context::Page;
use crate::poll::poll;

/// The shared state of all that shows queues; copies share it.
#[derive(Clone, Copy)]
pub struct Queues {
    /// The queue of each route.
    pub of: [Memo<Queue>; 3],
    /// Their change per second.
    pub growth: [Memo<Option<f64>>; 3],
    /// Seconds until the oldest event of http-poll's store expires.
    pub expires_seconds: Memo<Option<u64>>,
    /// The number of events that fills the picture of a queue.
    pub scale: Memo<u64>,
}

impl Queues {
    /// Measures the queues from now on, for this component and those below it.
    pub fn provide(simulation: RwSignal<Option<SimulationView>>) {
        let page = Page::here();
        let intake = RwSignal::new(Intake::default());
        poll(1, move || async move {
            let metrics = backend_metrics::look().await;
            let sample = page.state.with_untracked(|state| state.samples.latest().cloned());
            intake.try_update(|intake| intake.take(metrics, sample.as_ref()));
        });
        let of = Route::ALL.map(|route| Memo::new(move |_| queue(page, route, intake, simulation)));
        let histories: [RwSignal<Growth>; 3] = std::array::from_fn(|_| RwSignal::default());
        Effect::new(move || {
            let now = page.now.get();
            for (history, queue) in histories.iter().zip(of) {
                let queue = queue.get_untracked();
                history.update(|history| history.take(queue.on_route.map(|_| queue.all()), now));
            }
        });
        provide_context(Self {
            of,
            growth: histories.map(|history| Memo::new(move |_| history.with(Growth::per_second))),
            expires_seconds: Memo::new(move |_| {
                intake.with(|intake| intake.latest.and_then(|latest| latest.expires_seconds))
            }),
            scale: Memo::new(move |_| scale(of.iter().map(|queue| queue.get().all()).max().unwrap_or(0))),
        });
    }

    /// Those of the page.
    pub fn here() -> Self {
        expect_context()
    }
}

fn queue(page: Page, route: Route, intake: RwSignal<Intake>, simulation: RwSignal<Option<SimulationView>>) -> Queue {
    let now = page.now.get();
    let (own, live, lag) = page.state.with(|state| {
        let own = state.sending.waiting(RouteChoice::One(route)) as u64;
        (own, state.feed.name(now) == "live", state.route_stats(route, now).and_then(|stats| stats.lag))
    });
    let simulated = simulation.with(|view| Some(view.as_ref()?.running.as_ref()?.routes.get(route)?.waiting));
    let on_route = match (live, route) {
        (true, _) => lag.map(|lag| lag.events),
        // Nothing is left on the way.
        (false, Route::HttpPush) => Some(0),
        (false, _) => intake.with(|intake| intake.estimate(route)),
    };
    let estimated = !live && route != Route::HttpPush;
    Queue { at_senders: own + simulated.unwrap_or(0), on_route, estimated }
}
