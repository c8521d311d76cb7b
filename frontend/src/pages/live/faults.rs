//! The faults of the stack: read once a second while Live is shown, started and ended from there.

use domain::api::faults::{ActiveFault, FaultDescription, FaultRequest, FaultsView};
use leptos::prelude::*;

use crate::api::faults as api;
use crate::poll::poll;

/// The shared state of all that shows faults; copies share it.
#[derive(Clone, Copy)]
pub struct Faults {
    view: RwSignal<Option<FaultsView>>,
    /// Whether there was an answer.
    pub asked: RwSignal<bool>,
    /// The part or the connection whose panel is open.
    pub open: RwSignal<Option<&'static str>>,
}

impl Faults {
    /// Reads the faults from now on, for this component and those below it.
    pub fn provide() {
        let faults = Self { view: RwSignal::new(None), asked: RwSignal::new(false), open: RwSignal::new(None) };
        provide_context(faults);
        poll(1, move || async move {
            // A stack without faults will not get any.
            if !faults.asked.try_get_untracked().unwrap_or(true) || faults.view.with_untracked(Option::is_some) {
                faults.look().await;
            }
        });
    }

    /// Those of the page.
    pub fn here() -> Self {
        expect_context()
    }

    async fn look(self) {
        // Without an answer the header shows that the server is gone.
        if let Ok(view) = api::look().await {
            self.view.try_set(view);
            self.asked.try_set(true);
        }
    }

    /// Whether the stack offers any.
    pub fn offered(self) -> Memo<bool> {
        Memo::new(move |_| self.view.with(Option::is_some))
    }

    /// The faults of a part or a connection.
    pub fn of(self, target: &'static str) -> Memo<Vec<FaultDescription>> {
        let of = move |view: &FaultsView| view.faults.iter().filter(|fault| fault.target == target).cloned().collect();
        Memo::new(move |_| self.view.with(|view| view.as_ref().map(of).unwrap_or_default()))
    }

    /// All that are active.
    pub fn active(self) -> Memo<Vec<ActiveFault>> {
        Memo::new(move |_| self.view.with(|view| view.as_ref().map(|view| view.active.clone()).unwrap_or_default()))
    }

    /// Starts a fault, or returns the reason why not.
    pub async fn start(self, fault: FaultRequest) -> Result<(), String> {
        self.and_look(api::start(&self.token(), &fault).await).await
    }

    /// Ends one.
    pub async fn stop(self, id: u64) -> Result<(), String> {
        self.and_look(api::stop(&self.token(), id).await).await
    }

    /// Ends all.
    pub async fn restore(self) -> Result<(), String> {
        self.and_look(api::restore(&self.token()).await).await
    }

    /// Reads the faults again, so that the page shows a change at once.
    async fn and_look(self, outcome: Result<(), String>) -> Result<(), String> {
        self.look().await;
        outcome
    }

    fn token(self) -> String {
        self.view.try_with_untracked(|view| view.as_ref().map(|view| view.token.clone())).flatten().unwrap_or_default()
    }
}
