//! The results as a table in a terminal.

use super::goals::{Goal, ROWS, number};
use super::results::{LoadPoint, Results};

/// All figures, aligned, and the series of loads.
pub(super) fn table(results: &Results) -> String {
    let mut lines = vec![format!("{:<42} {:>10} {:>10} {:>10}", "figure", "median", "least", "most")];
    lines.extend(results.figures.iter().map(|(key, figure)| {
        let [median, low, high] = [figure.median, figure.low, figure.high].map(number);
        format!("{key:<42} {median:>10} {low:>10} {high:>10}   {}", goal(key, figure.median)).trim_end().to_owned()
    }));
    if !results.loads.is_empty() {
        let head = ["route", "offered/s", "accepted/s", "p50 ms", "p99 ms", "refused", "not sent"];
        lines.extend([String::new(), columns(head.map(str::to_owned))]);
        lines.extend(results.loads.iter().map(|point| columns(fields(point))));
    }
    lines.extend(results.left_out.iter().map(|sentence| format!("Left out: {sentence}")));
    lines.join("\n")
}

/// The goal of a figure, and whether it is reached.
fn goal(key: &str, median: f64) -> String {
    let place = ROWS.iter().find_map(|row| Some((row.goal, row.keys.iter().position(|of| *of == key)?)));
    let (sign, limit, is_met) = match place {
        Some((Goal::AtLeast(limits), place)) => ('≥', limits[place], median >= limits[place]),
        Some((Goal::AtMost(limits), place)) => ('≤', limits[place], median <= limits[place]),
        Some((Goal::Open, _)) | None => return String::new(),
    };
    format!("{sign} {}{}", number(limit), if is_met { "" } else { " not reached" })
}

/// The fields of a point, as texts.
pub(super) fn fields(point: &LoadPoint) -> [String; 7] {
    let LoadPoint { route, offered, goodput, p50_ms, p99_ms, refused, unsent } = point;
    let [offered, refused, unsent] = [offered, refused, unsent].map(ToString::to_string);
    [route.name().to_owned(), offered, number(*goodput), number(*p50_ms), number(*p99_ms), refused, unsent]
}

fn columns(fields: [String; 7]) -> String {
    let [route, rest @ ..] = fields;
    rest.iter().fold(format!("{route:<10}"), |line, field| line + &format!(" {field:>10}"))
}

#[cfg(test)]
mod tests {
    use domain::Route;

    use super::super::goals::tests::results;
    use super::*;

    #[test]
    fn every_figure_stands_beside_its_goal() {
        let mut results =
            results(&[("drain-rate/kafka", 59_999.0), ("single-share/kafka", 0.5), ("single-rate/bare", 30e3)]);
        let (route, goodput) = (Route::Kafka, 990.0);
        let point = LoadPoint { route, offered: 1000, goodput, p50_ms: 1.5, p99_ms: 9.25, refused: 0, unsent: 10 };
        results.loads.push(point);
        results.left_out.push("PostgreSQL is not installed.".to_owned());
        let lines: Vec<String> =
            table(&results).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            lines,
            [
                "figure median least most",
                "drain-rate/kafka 59,999 59,999 59,999 ≥ 60,000 not reached",
                "single-rate/bare 30,000 30,000 30,000",
                "single-share/kafka 0.50 0.50 0.50 ≥ 0.45",
                "",
                "route offered/s accepted/s p50 ms p99 ms refused not sent",
                "kafka 1000 990 1.50 9.25 0 10",
                "Left out: PostgreSQL is not installed.",
            ]
        );
    }
}
