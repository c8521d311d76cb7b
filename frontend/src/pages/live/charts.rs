//! The last five minutes: rate, lag and latency, each with the three routes on one scale.

use leptos::prelude::*;

use super::chart_measure::ChartMeasure;
use crate::components::chart::ChartFigure;
use crate::components::chart::drawing::Chart;
use crate::context::Page;
use crate::signals::old_for;

/// The charts.
#[component]
pub fn Charts() -> impl IntoView {
    let page = Page::here();
    let old = old_for();
    // Moves with each second that is told or, while nothing is, with the clock: charts are drawn once a second at most.
    let edge = Memo::new(move |_| {
        let silent = old.get().is_some();
        page.state.with(|state| state.samples.edge(page.now.get(), !silent))
    });
    let charts = ChartMeasure::ALL.map(|measure| {
        let chart = Memo::new(move |_| match edge.get() {
            None => Chart::default(),
            Some(edge) => page.state.with_untracked(|state| measure.chart(&state.samples, edge)),
        });
        view! { <ChartFigure title=measure.title() note=measure.note() chart nothing="Nothing to draw yet."/> }
    });
    let charts = charts.collect_view();
    view! {
        <section class="charts" aria-labelledby="charts-title">
            <h2 id="charts-title">"The last five minutes"</h2>
            <div class="figures three">{charts}</div>
        </section>
    }
}
