//! Live: the three routes as a picture, side by side, and over the last five minutes.

use leptos::prelude::*;

use crate::components::live::charts::Charts;
use crate::components::live::compare::Compare;
use crate::components::live::headline::Headline;
use crate::components::live::partitions::Partitions;
use crate::components::live::pipeline::Pipeline;
use crate::components::live::what_if::WhatIf;
use crate::components::simulation::SimulationBar;

/// The page.
#[component]
pub fn Live() -> impl IntoView {
    view! {
        <div class="sheet live">
            <h1 class="hidden">"Live"</h1>
            <Headline/>
            <Pipeline/>
            <SimulationBar/>
            <Compare/>
            <Charts/>
            <div class="beside">
                <WhatIf/>
                <Partitions/>
            </div>
        </div>
    }
}
