//! Live: the three routes as a picture, side by side, and as charts.

pub mod chart_measure;
pub mod charts;
pub mod comparison;
pub mod comparison_rows;
pub mod dot_pool;
pub mod dots;
pub mod headline;
pub mod headline_text;
pub mod hop;
pub mod lane;
pub mod lane_status;
pub mod partitions;
pub mod pipeline;
pub mod signals;
pub mod station;
pub mod what_if;

use leptos::prelude::*;

use crate::components::simulation::SimulationBar;
use charts::Charts;
use comparison::Comparison;
use headline::Headline;
use partitions::Partitions;
use pipeline::Pipeline;
use what_if::WhatIf;

/// The page.
#[component]
pub fn Live() -> impl IntoView {
    view! {
        <div class="sheet live">
            <h1 class="hidden">"Live"</h1>
            <Headline/>
            <Pipeline/>
            <SimulationBar/>
            <Comparison/>
            <Charts/>
            <div class="beside">
                <WhatIf/>
                <Partitions/>
            </div>
        </div>
    }
}
