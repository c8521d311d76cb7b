//! One chart: a stretched SVG, with labels as text around it that keep their size.

pub mod drawing;

use domain::Route;
use leptos::prelude::*;

use crate::memo::Memo;
use crate::signals::{changing, text};
use drawing::{Chart, Curve, WIDTH};
use verdict::chart::scale::HEIGHT;

/// The chart.
#[component]
pub fn ChartFigure(
    /// The title.
    title: &'static str,
    /// The meaning of the lines.
    note: &'static str,
    /// The chart to draw.
    chart: Memo<Chart>,
    /// The text of an empty chart.
    nothing: &'static str,
) -> impl IntoView {
    let minutes: String = (0..=5).map(|minute| format!("M{} 0V{HEIGHT}", WIDTH / 5 * minute)).collect();
    let grid = text(move || chart.with(|chart| chart.ticks.iter().map(|(y, _)| format!("M0 {y}H{WIDTH}")).collect()));
    let number = |(y, text): (i64, String)| view! { <span style=place(y)>{text}</span> };
    let numbers = move || chart.with(|chart| chart.ticks.clone()).into_iter().map(number).collect_view();
    let lines = Route::ALL.map(|route| view! { <Paths route chart/> }).collect_view();
    let labels = Route::ALL.map(|route| view! { <Label route chart/> }).collect_view();
    let in_words = text(move || {
        let mut words = format!("{title}, the last five minutes. Latest:");
        chart.with(|chart| {
            for (route, line) in Route::ALL.into_iter().zip(&chart.lines) {
                words.extend([" ", route.name(), " ", line.latest.as_str(), "."]);
            }
        });
        words
    });
    let empty = move || chart.with(|chart| chart.ticks.is_empty());
    let note_if_empty = text(move || if empty() { nothing.to_owned() } else { String::new() });
    view! {
        <figure class="chart" data-empty=text(move || empty().to_string())>
            <figcaption><h3>{title}</h3><span class="hint">{note}</span></figcaption>
            <div class="plot" role="img" aria-label=in_words>
                <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">
                    <path class="grid" d=minutes/>
                    <path class="grid" d=grid/>
                    {lines}
                </svg>
                <div class="ticks figures" aria-hidden="true">{changing(numbers)}</div>
                <div class="labels figures" aria-hidden="true">{labels}</div>
                <p class="hint none">{note_if_empty}</p>
            </div>
            <p class="times hint" aria-hidden="true"><span>"5 min ago"</span><span>"now"</span></p>
        </figure>
    }
}

fn line(chart: Memo<Chart>, route: Route, read: fn(&Curve) -> String) -> Signal<String> {
    text(move || chart.with(|chart| read(&chart.lines[route as usize])))
}

fn place(y: i64) -> String {
    format!("top:{}.{}%", y / 10, y % 10)
}

#[component]
fn Paths(route: Route, chart: Memo<Chart>) -> impl IntoView {
    view! {
        <path class="faint" data-route=route.name() d=line(chart, route, |line| line.faint.clone())/>
        <path class="strong" data-route=route.name() d=line(chart, route, |line| line.strong.clone())/>
    }
}

#[component]
fn Label(route: Route, chart: Memo<Chart>) -> impl IntoView {
    let latest = line(chart, route, |line| line.latest.clone());
    view! { <span data-route=route.name()><b>{route.name()}</b>" "{latest}</span> }
}
