//! Live: the three routes as a picture that is also the control panel of faults, side by side, and as charts.

pub mod chart_measure;
pub mod charts;
pub mod comparison;
pub mod comparison_rows;
pub mod control_panel;
pub mod dot_pool;
pub mod dots;
pub mod fault_bar;
pub mod fault_button;
pub mod fault_card;
pub mod fault_panel;
pub mod fault_station;
pub mod fault_words;
pub mod guarantees;
pub mod headline;
pub mod headline_text;
pub mod hop;
pub mod lane;
pub mod lane_status;
pub mod ledger_counts;
pub mod partitions;
pub mod pipeline;
pub mod queue;
pub mod queue_size;
pub mod signals;
pub mod what_if;

use leptos::prelude::*;

use crate::components::simulation::SimulationBar;
use charts::Charts;
use comparison::Comparison;
use control_panel::ControlPanel;
use fault_bar::FaultBar;
use fault_panel::FaultPanel;
use guarantees::Guarantees;
use headline::Headline;
use partitions::Partitions;
use pipeline::Pipeline;
use what_if::WhatIf;

/// The page.
#[component]
pub fn Live() -> impl IntoView {
    let simulation = RwSignal::new(None);
    ControlPanel::provide(simulation);
    view! {
        <div class="sheet live">
            <Headline/>
            <FaultBar/>
            <Pipeline/>
            <FaultPanel/>
            <SimulationBar view=simulation/>
            <Comparison/>
            <Charts/>
            <section class="in-detail" aria-labelledby="in-detail-title">
                <h2 id="in-detail-title">"In detail"</h2>
                <Guarantees/>
                <WhatIf/>
                <Partitions/>
            </section>
        </div>
    }
}
