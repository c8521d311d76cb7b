//! Paths through points, in SVG's short form: relative moves, and no point on a straight line between two others.

use std::fmt::Write;

/// A point: its distances from the left and the upper edge.
pub type Point = (i64, i64);

/// The largest distance from the straight line, in thousandths of the height, at which a point is left out.
const TOLERANCE: i64 = 8;

/// A line through the points.
pub fn line(points: &[Point]) -> String {
    let mut text = String::new();
    draw(&mut text, 'M', &straight(points));
    text
}

/// The area between two lines from left to right.
pub fn area(upper: &[Point], lower: &[Point]) -> String {
    let mut text = String::new();
    draw(&mut text, 'M', &straight(upper));
    let mut back = straight(lower);
    back.reverse();
    draw(&mut text, 'L', &back);
    if !text.is_empty() {
        text.push('z');
    }
    text
}

fn draw(text: &mut String, begin: char, points: &[Point]) {
    let mut before: Option<Point> = None;
    for &(x, y) in points {
        // Writing to a string cannot fail.
        let _ = match before.map(|(from_x, from_y)| (x - from_x, y - from_y)) {
            None => write!(text, "{begin}{x} {y}"),
            Some((across, 0)) => write!(text, "h{across}"),
            Some((0, down)) => write!(text, "v{down}"),
            Some((across, down)) if down < 0 => write!(text, "l{across}{down}"),
            Some((across, down)) => write!(text, "l{across} {down}"),
        };
        before = Some((x, y));
    }
}

/// The points without those that lie on the straight line between their neighbours, within the tolerance.
fn straight(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    let mut begin = 0;
    for (index, &point) in points.iter().enumerate() {
        let next = points.get(index + 1);
        let needed = index == 0 || next.is_none_or(|&next| !lies_between(&points[begin..=index], next));
        if needed {
            kept.push(point);
            begin = index;
        }
    }
    kept
}

/// Whether all points but the first lie on the line from the first to the end.
fn lies_between(points: &[Point], end: Point) -> bool {
    let Some((&(from_x, from_y), rest)) = points.split_first() else { return true };
    let width = end.0 - from_x;
    width > 0 && rest.iter().all(|&(x, y)| (from_y + (end.1 - from_y) * (x - from_x) / width - y).abs() <= TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_straight_line_are_left_out() {
        assert_eq!(line(&[(0, 500), (10, 502), (20, 497), (30, 500), (40, 100), (50, 100)]), "M0 500h30l10-400h10");
        assert_eq!(line(&[(0, 0), (10, 100), (20, 200), (30, 0)]), "M0 0l20 200l10-200");
        assert_eq!(line(&[]), "");
        assert_eq!(line(&[(7, 9)]), "M7 9");
    }

    #[test]
    fn an_area_goes_there_and_back() {
        assert_eq!(area(&[(0, 10), (9, 10)], &[(0, 50), (9, 90)]), "M0 10h9L9 90l-9-40z");
        assert_eq!(area(&[], &[]), "");
    }
}
