//! The charts of the last five minutes: rate, lag and latency.

use leptos::prelude::*;

use super::chart_measure::MEASURES;
use crate::components::chart::ChartFigure;
use crate::components::chart::drawing::Chart;
use crate::context::Page;
use crate::memo::Memo;
use crate::signals::age_if_old;

/// The charts.
#[component]
pub fn Charts() -> impl IntoView {
    let page = Page::here();
    let old = age_if_old();
    // It moves with each sample, or with the clock while the stream is silent: charts are drawn once a second at most.
    let edge = Memo::new(move |_| {
        let silent = old.get().is_some();
        page.state.with(|state| state.samples.edge(page.now.get(), !silent))
    });
    let charts = MEASURES.map(|measure| {
        let chart = Memo::new(move |_| match edge.get() {
            None => Chart::default(),
            Some(edge) => page.state.with_untracked(|state| measure.chart(&state.samples, edge)),
        });
        view! { <ChartFigure title=measure.title note=measure.note chart nothing="Nothing to draw yet."/> }
    });
    let charts = charts.collect_view();
    view! {
        <section class="charts" aria-labelledby="charts-title">
            <h2 id="charts-title">"The last five minutes"</h2>
            <div class="figures three">{charts}</div>
        </section>
    }
}
