//! The times until accepted against the load, as a picture in SVG: a panel for the median and one for the 99th percentile.

use std::fmt::Write;

use domain::Route;
use verdict::chart::scale::{HEIGHT, Scale};
use verdict::number::{count, duration};

use super::results::LoadPoint;

/// The width of a panel, and the height of both, in pixels.
const PANEL: [f64; 2] = [350.0, 240.0];
/// From the left edge to the first panel, from the upper edge to both, and from a panel to the next.
const LEFT: f64 = 56.0;
const TOP: f64 = 34.0;
const GAP: f64 = 130.0;
const SIZE: [f64; 2] = [940.0, 320.0];
/// The least distance of two names, in pixels.
const APART: f64 = 15.0;

const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #5b5e64 } text.title { font-weight: 600; fill: #1d1e20 } \
.grid { stroke: #dedbd3 } .http-push { --c: #0b62b0 } .http-poll { --c: #aa4408 } .kafka { --c: #00705a } \
polyline { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round } circle { fill: var(--c) } \
text.name { fill: var(--c); font-weight: 600 } \
@media (prefers-color-scheme: dark) { text { fill: #a3a6ac } text.title { fill: #ecebe7 } .grid { stroke: #2e3136 } \
.http-push { --c: #74b6f7 } .http-poll { --c: #f7a26c } .kafka { --c: #5fcbae } }";

/// The picture of these points.
pub(super) fn svg(points: &[LoadPoint]) -> String {
    let [width, height] = SIZE;
    let title = "Until accepted, against the load, for each route";
    let offered = || points.iter().map(|point| point.offered as f64);
    let x = Scale::log(offered().fold(f64::MAX, f64::min), offered().fold(0.0, f64::max));
    let both = || points.iter().flat_map(|point| [point.p50_ms, point.p99_ms]);
    let y = Scale::log(both().fold(f64::MAX, f64::min), both().fold(0.0, f64::max));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n"
    );
    panel(&mut svg, points, "Until accepted, median", |point| point.p50_ms, [x, y], LEFT);
    let left = LEFT + PANEL[0] + GAP;
    panel(&mut svg, points, "Until accepted, 99th percentile", |point| point.p99_ms, [x, y], left);
    svg + "</svg>\n"
}

fn panel(
    svg: &mut String,
    points: &[LoadPoint],
    title: &str,
    value: fn(&LoadPoint) -> f64,
    [x, y]: [Scale; 2],
    left: f64,
) {
    let [width, height] = PANEL;
    let place = |at: f64, over: f64| {
        let share = |scaled: i64| scaled as f64 / HEIGHT as f64;
        (left + width * share(x.x(at)), TOP + height * share(y.y(over)))
    };
    let mut put = |line: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(svg, "{line}");
    };
    put(format!("<text class=\"title\" x=\"{left}\" y=\"{}\">{title}</text>", TOP - 14.0));
    let (right, bottom) = (left + width, TOP + height);
    for tick in y.ticks() {
        let (_, at) = place(1.0, tick);
        put(format!("<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>"));
        put(format!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", left - 6.0, at + 4.0, duration(tick)));
    }
    for tick in x.ticks() {
        let (at, _) = place(tick, 1.0);
        put(format!(
            "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}/s</text>",
            bottom + 18.0,
            count(tick as u64)
        ));
    }
    put(format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">events offered</text>",
        left + width / 2.0,
        bottom + 36.0
    ));
    let mut names = Vec::new();
    for route in Route::ALL {
        let mut of_route: Vec<&LoadPoint> = points.iter().filter(|point| point.route == route).collect();
        of_route.sort_by_key(|point| point.offered);
        let places: Vec<(f64, f64)> = of_route.iter().map(|point| place(point.offered as f64, value(point))).collect();
        let line: String = places.iter().map(|(x, y)| format!("{x:.1},{y:.1} ")).collect();
        let dots: String =
            places.iter().map(|(x, y)| format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>")).collect();
        put(format!("<g class=\"{}\"><polyline points=\"{}\"/>{dots}</g>", route.name(), line.trim_end()));
        names.extend(places.last().map(|&(x, y)| (y, x, route)));
    }
    names.sort_by(|one, other| one.0.total_cmp(&other.0));
    let after_all = names.iter().map(|(_, x, _)| x + 8.0).fold(left, f64::max);
    let mut least = f64::MIN;
    for (y, _, route) in names {
        let y = y.max(least);
        least = y + APART;
        let name = route.name();
        put(format!("<text class=\"name {name}\" x=\"{after_all:.1}\" y=\"{:.1}\">{name}</text>", y + 4.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_has_a_line_with_its_points_in_order_and_names_do_not_overlap() {
        let point = |route, offered, p50_ms| LoadPoint {
            route,
            offered,
            goodput: 1.0,
            p50_ms,
            p99_ms: 4.0 * p50_ms,
            refused: 0,
            unsent: 0,
        };
        let points = [
            point(Route::HttpPush, 10_000, 10.0),
            point(Route::HttpPush, 1_000, 1.0),
            point(Route::Kafka, 1_000, 2.0),
            point(Route::Kafka, 10_000, 10.0),
        ];
        let svg = svg(&points);
        // 1,000 is the left edge and 10,000 the right one; the scale of the times is from 1 to 100 ms.
        assert!(svg.contains("<g class=\"http-push\"><polyline points=\"56.0,274.0 406.0,154.0\"/>"), "{svg}");
        assert!(svg.contains("<text class=\"name http-push\" x=\"414.0\" y=\"158.0\">"), "{svg}");
        assert!(svg.contains("<text class=\"name kafka\" x=\"414.0\" y=\"173.0\">"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 8);
    }
}
