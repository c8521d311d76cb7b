//! Play: emit events, and watch their delivery.

pub mod buffered_sending;
pub mod click_stream;
pub mod delivery_cell;
pub mod empty_log;
pub mod event_detail;
pub mod event_stops;
pub mod log;
pub mod log_row;
pub mod newest_finding;
pub mod order;
pub mod order_steps;
pub mod route_heads;
pub mod route_picker;

use leptos::prelude::*;

use crate::components::counters::Counters;
use crate::components::simulation::SimulationBar;
use buffered_sending::BufferedSending;
use click_stream::ClickStream;
use log::Log;
use newest_finding::NewestFinding;
use order_steps::OrderSteps;
use route_heads::RouteHeads;
use route_picker::RoutePicker;

/// The page.
#[component]
pub fn Play() -> impl IntoView {
    view! {
        <div class="play">
            <h1 class="hidden">"Play"</h1>
            <p class="lead">"Plain HTTP, or Kafka? Every event made here takes the routes you choose, side by side, and this page shows what became of each copy."</p>
            <div class="controls">
                <RoutePicker/>
                <ClickStream/>
                <OrderSteps/>
                <BufferedSending/>
                <SimulationBar/>
            </div>
            <div class="results">
                <NewestFinding/>
                <div class="lanes">
                    <RouteHeads/>
                    <Counters/>
                    <Log/>
                </div>
            </div>
        </div>
    }
}
