//! The charts of a scenario as HTML: stretched drawings with text around them that keeps its size.

use maud::{Markup, html};

use super::route_sign::route_tag;
use crate::chart::distribution::{Bar, Distributions};
use crate::chart::measure::Measure;
use crate::chart::timeline::{Fault, RouteTimeline, Timeline};
use crate::chart::{Tick, WIDTH};

/// The timelines of the routes side by side.
pub(super) fn timeline(timeline: &Timeline) -> Markup {
    let faults = timeline.routes.iter().map(|route| route.faults.len()).max().unwrap_or_default();
    let flat = Measure::ALL.into_iter().filter(|&measure| timeline.scales[measure as usize].is_empty());
    html! {
        figure.timeline {
            figcaption {
                h4 { "Timeline" }
                @for measure in flat { (measure.title().0) ": 0 all the time on all routes. " }
            }
            div.columns {
                @for route in &timeline.routes { (column(timeline, route, faults)) }
            }
        }
    }
}

fn drawn(timeline: &Timeline) -> impl Iterator<Item = Measure> {
    Measure::ALL.into_iter().filter(|&measure| !timeline.scales[measure as usize].is_empty())
}

fn column(timeline: &Timeline, route: &RouteTimeline, faults: usize) -> Markup {
    html! {
        div.column data-route=(route.route) {
            p { (route_tag(route.route)) }
            div role="img" aria-label=(route.in_words) {
                div.faults {
                    @for index in 0..faults { div { @if let Some(fault) = route.faults.get(index) { (fault_label(fault)) } } }
                }
                @for measure in drawn(timeline) { (panel(timeline, route, measure)) }
                div.times { @for tick in &timeline.times { span style={ "left:" (percent(tick.at)) } { (tick.text) } } }
            }
        }
    }
}

fn fault_label(fault: &Fault) -> Markup {
    let begin = fault.spans.first().map_or(0, |&(from, _)| from);
    let end = fault.spans.last().map_or(WIDTH, |&(from, width)| from + width);
    let place = if begin <= WIDTH / 2 {
        format!("left:{}", percent(begin))
    } else {
        format!("left:0;right:{};text-align:right", percent((WIDTH - end).max(0)))
    };
    html! {
        @for &(from, width) in &fault.spans { i style={ "left:" (percent(from)) ";width:" (percent(width)) } {} }
        span style=(place) { (fault.label) @if fault.spans.len() > 1 { " × " (fault.spans.len()) } }
    }
}

fn panel(timeline: &Timeline, route: &RouteTimeline, measure: Measure) -> Markup {
    let (title, unit) = measure.title();
    let curve = &route.curves[measure as usize];
    let ticks = &timeline.scales[measure as usize];
    html! {
        div.measure {
            p { b { (title) } " " (unit) }
            div.plot {
                svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                    @for &(from, width) in route.faults.iter().flat_map(|fault| &fault.spans) {
                        rect.fault x=(from) width=(width) height="1000" {}
                    }
                    path.grid d=(lines(ticks, |at| format!("M0 {at}h1000"))) {}
                    @if !curve.range.is_empty() { path.range d=(curve.range) {} }
                    @if measure == Measure::Processed { path.due d=(route.due) {} }
                    path.line d=(curve.median) {}
                }
                div.ticks { @for tick in ticks { span style={ "top:" (percent(tick.at)) } { (tick.text) } } }
            }
        }
    }
}

/// The distributions as a table with a drawing in each row.
pub(super) fn distributions(all: &Distributions) -> Markup {
    let groups = [("Until accepted", &all.accepted), ("Until processed", &all.processed)];
    html! {
        figure.distributions {
            figcaption { h4 { "Distributions" } }
            table {
                thead { tr {
                    th scope="col" { "Route" } td.drawing { (scale(&all.ticks)) }
                    th scope="col" { "median" } th scope="col" { "99 %" }
                } }
                @for (title, bars) in groups {
                    @if !bars.is_empty() {
                        tbody {
                            tr.group { th colspan="4" scope="rowgroup" { (title) } }
                            @for bar in bars { (row(bar, &all.ticks)) }
                        }
                    }
                }
            }
        }
    }
}

fn scale(ticks: &[Tick]) -> Markup {
    html! { div.times aria-hidden="true" { @for tick in ticks { span style={ "left:" (percent(tick.at)) } { (tick.text) } } } }
}

fn row(bar: &Bar, ticks: &[Tick]) -> Markup {
    let [p1, p25, p50, p75, p99, p999] = bar.at;
    let dots: String = bar.medians.iter().map(|at| format!("M{at} 84h0")).collect();
    html! {
        tr data-route=(bar.route) {
            th scope="row" { (route_tag(bar.route)) }
            td.drawing {
                svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true" {
                    path.grid d=(lines(ticks, |at| format!("M{at} 0v100"))) {}
                    path.whisker d={ "M" (p1) " 45H" (p999) "M" (p1) " 33v24M" (p99) " 25v40M" (p999) " 33v24" } {}
                    rect.box x=(p25) y="22" width=((p75 - p25).max(2)) height="46" {}
                    path.median d={ "M" (p50) " 12v66" } {}
                    @if bar.medians.len() > 1 { path.dots d=(dots) {} }
                }
            }
            td { (bar.p50) }
            td { (bar.p99) }
        }
    }
}

fn lines(ticks: &[Tick], line: impl Fn(i64) -> String) -> String {
    ticks.iter().map(|tick| line(tick.at)).collect()
}

/// Thousandths as per cent.
fn percent(thousandths: i64) -> String {
    match (thousandths / 10, thousandths % 10) {
        (whole, 0) => format!("{whole}%"),
        (whole, rest) => format!("{whole}.{rest}%"),
    }
}
