//! The state of the page: the comparison under way and the last one, asked for each second.

use leptos::prelude::*;
use leptos::task::spawn_local;
use verdict::api::{ComparisonRequest, ComparisonView, Last, Running};
use verdict::results::ScenarioResult;
use verdict::{Results, Scenario};

use crate::api::compare as api;
use crate::memo::Memo;
use crate::poll::poll;

/// The state of the page; copies share it.
#[derive(Clone, Copy)]
pub struct Comparisons {
    /// The comparison under way and the last one; none if the stack offers no comparisons.
    pub view: RwSignal<Option<ComparisonView>>,
    /// Whether there was an answer.
    pub asked: RwSignal<bool>,
    /// Everything that the last comparison measured, once a part of it is shown.
    results: RwSignal<Option<Results>>,
    /// Whether a part of it is shown.
    wanted: RwSignal<bool>,
    /// The scenarios that can be run.
    pub scenarios: RwSignal<Vec<Scenario>>,
    /// The reason why the last request failed; empty if it did not.
    pub trouble: RwSignal<String>,
}

impl Comparisons {
    /// Asks from now on, for this component and those below it.
    pub fn provide() -> Self {
        let all = Self {
            view: RwSignal::new(None),
            asked: RwSignal::new(false),
            results: RwSignal::new(None),
            wanted: RwSignal::new(false),
            scenarios: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(String::new()),
        };
        provide_context(all);
        poll(1, move || all.look());
        // The comparison whose results are wanted, by its start: they are fetched once.
        let wanted = Memo::new(move |_| all.last(|last| last.began.clone()).filter(|_| all.wanted.get()));
        Effect::new(move || {
            all.results.set(None);
            if wanted.with(Option::is_some) {
                spawn_local(async move {
                    if let Ok(results) = api::results().await {
                        all.results.try_set(Some(results));
                    }
                });
            }
        });
        spawn_local(async move {
            if let Ok(scenarios) = api::scenarios().await {
                all.scenarios.try_set(scenarios);
            }
        });
        all
    }

    /// Those of the page.
    pub fn here() -> Self {
        expect_context()
    }

    /// Reads the last comparison that ran here, or the published one; none before the first answer.
    pub fn last<T>(self, read: impl FnOnce(&Last) -> T) -> Option<T> {
        self.view.with(|view| view.as_ref()?.last.as_ref().map(read))
    }

    /// Reads the comparison under way; none if there is none.
    pub fn running<T>(self, read: impl FnOnce(&Running) -> T) -> Option<T> {
        self.view.with(|view| view.as_ref()?.running.as_ref().map(read))
    }

    /// Fetches everything that the last comparison measured, and again after each other one.
    pub fn want_results(self) {
        self.wanted.set(true);
    }

    /// Reads everything that the last comparison measured of a scenario; none as long as it is not there.
    pub fn of<T>(self, name: &str, read: impl FnOnce(&ScenarioResult) -> T) -> Option<T> {
        self.results
            .with(|results| results.as_ref()?.scenarios.iter().find(|result| result.scenario.name == name).map(read))
    }

    async fn look(self) {
        // Without an answer the header shows that the server is gone.
        if let Ok(view) = api::look().await {
            self.asked.try_set(true);
            self.view.try_set(view);
        }
    }

    /// Whether a comparison is under way.
    pub fn is_running(self) -> bool {
        self.running(|_| ()).is_some()
    }

    /// Starts a comparison.
    pub fn start(self, request: ComparisonRequest) {
        self.change(async move { api::start(&request).await });
    }

    /// Stops the comparison under way.
    pub fn stop(self) {
        self.change(api::stop());
    }

    fn change(self, request: impl Future<Output = Result<(), String>> + 'static) {
        spawn_local(async move {
            let outcome = request.await;
            self.trouble.try_set(outcome.err().unwrap_or_default());
            self.look().await;
        });
    }
}
