//! Play: emit events, and watch their delivery.

pub mod buffer_size;
pub mod buffered_sending;
pub mod click_stream;
pub mod consumer_health;
pub mod copies;
pub mod copy_lane;
pub mod copy_progress;
pub mod delivery_cell;
pub mod dot;
pub mod empty_log;
pub mod event_detail;
pub mod event_stops;
pub mod guide;
pub mod guide_progress;
pub mod ledger_line;
pub mod log;
pub mod log_filter;
pub mod log_row;
pub mod newest_finding;
pub mod order;
pub mod order_steps;
pub mod own_ledger;
pub mod own_ledger_text;
pub mod route_heads;
pub mod route_picker;
pub mod stop_consumer;

use leptos::prelude::*;

use crate::components::simulation::SimulationBar;
use buffered_sending::BufferedSending;
use copies::Copies;
use guide::GuideSteps;
use ledger_line::LedgerLine;
use log::Log;
use log_filter::LogFilter;
use newest_finding::NewestFinding;
use order_steps::OrderSteps;
use route_heads::RouteHeads;
use route_picker::RoutePicker;

/// The page, in the order of a narrow window.
#[component]
pub fn Play() -> impl IntoView {
    let filter = LogFilter::start();
    view! {
        <div class="play">
            <div class="sentence">
                <h1><span>"Plain HTTP, or Kafka?"</span>" "<span>"Click, and see."</span></h1>
                <p class="lead">"One event goes three ways: each chosen route has a copy of it. A dot moves when its copy is accepted or processed; the times are measured."</p>
            </div>
            <Copies/>
            <div class="guidance">
                <GuideSteps/>
                <NewestFinding/>
            </div>
            <div class="lanes">
                <RouteHeads filter/>
                <LedgerLine/>
                <Log filter/>
            </div>
            <div class="controls">
                <RoutePicker/>
                <OrderSteps/>
                <BufferedSending/>
                <SimulationBar/>
            </div>
        </div>
    }
}
