//! Play: emit events, watch what becomes of them.

use leptos::prelude::*;

use crate::components::clicks::Clicks;
use crate::components::counters::Counters;
use crate::components::finding::NewestFinding;
use crate::components::lanes::LaneHeads;
use crate::components::log_list::LogList;
use crate::components::order_steps::OrderSteps;
use crate::components::pacing::Pacing;
use crate::components::route_picker::RoutePicker;
use crate::components::simulation::SimulationBar;

/// The page.
#[component]
pub fn Play() -> impl IntoView {
    view! {
        <div class="play">
            <h1 class="hidden">"Play"</h1>
            <p class="lead">"Plain HTTP, or Kafka? Every event made here takes the routes you choose, side by side, and this page shows what became of each copy."</p>
            <div class="controls">
                <RoutePicker/>
                <Clicks/>
                <OrderSteps/>
                <Pacing/>
                <SimulationBar/>
            </div>
            <div class="results">
                <NewestFinding/>
                <div class="lanes">
                    <LaneHeads/>
                    <Counters/>
                    <LogList/>
                </div>
            </div>
        </div>
    }
}
