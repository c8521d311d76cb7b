//! Live: the three routes as a picture that is also the control panel of faults, side by side, and as charts.

pub mod active_fault_text;
pub mod chart_measure;
pub mod charts;
pub mod dot_pool;
pub mod dots;
pub mod fault_bar;
pub mod fault_button;
pub mod fault_card;
pub mod fault_panel;
pub mod fault_parameter;
pub mod fault_station;
pub mod guarantees;
pub mod headline;
pub mod headline_sentences;
pub mod hop;
pub mod lane;
pub mod lane_status;
pub mod ledger_counts;
pub mod live_state;
pub mod partitions;
pub mod pipeline;
pub mod queue;
pub mod queue_size;
pub mod side_by_side;
pub mod side_by_side_rows;
pub mod signals;
pub mod what_if;

use leptos::prelude::*;

use crate::components::simulation::SimulationBar;
use charts::Charts;
use fault_bar::FaultBar;
use fault_panel::FaultPanel;
use guarantees::Guarantees;
use headline::Headline;
use live_state::LiveState;
use partitions::Partitions;
use pipeline::Pipeline;
use side_by_side::SideBySide;
use what_if::WhatIf;

/// The page.
#[component]
pub fn Live() -> impl IntoView {
    let simulation = RwSignal::new(None);
    LiveState::provide(simulation);
    view! {
        <div class="sheet live">
            <Headline/>
            <FaultBar/>
            <Pipeline/>
            <FaultPanel/>
            <SimulationBar view=simulation/>
            <SideBySide/>
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
