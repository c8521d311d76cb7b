//! One route under growing load on a schedule, up to refusal: how long `accepted` takes, and what is left of the goodput past the
//! knee.

use domain::Route;

use super::load::Load;
use super::measured_stack::MeasuredStack;
use super::plan::{OFFERED, PAST_THE_KNEE};
use super::results::{LoadPoint, Samples};
use super::template::Shape;

/// How many clients send; each waits for its answer before it sends again.
const CONNECTIONS: usize = 256;

/// Measures a route under each load; `times` are before the window and in it, in seconds.
pub(super) async fn measure(
    stack: &MeasuredStack,
    route: Route,
    times: [f64; 2],
    samples: &mut Samples,
) -> anyhow::Result<Vec<LoadPoint>> {
    let mut points = Vec::new();
    for offered in OFFERED {
        points.push(point(stack, route, offered, times).await?);
    }
    let peak = points.iter().map(|point| point.goodput).fold(0.0, f64::max);
    let past = point(stack, route, (PAST_THE_KNEE * peak) as u64, times).await?;
    samples.add(format!("goodput-kept/{}", route.name()), past.goodput / peak.max(f64::MIN_POSITIVE));
    points.push(past);
    Ok(points)
}

async fn point(
    stack: &MeasuredStack,
    route: Route,
    offered: u64,
    [warm_up, seconds]: [f64; 2],
) -> anyhow::Result<LoadPoint> {
    let load = Load {
        address: stack.stack.upstreams().backend.to_string(),
        route: Some(route),
        shape: Shape::Single,
        connections: CONNECTIONS,
        rate: Some(offered),
        warm_up,
        seconds,
        events: None,
        run: rand::random(),
    };
    let loaded = stack.load(&load).await?;
    stack.until_processed(route).await?;
    let (goodput, p50_ms, p99_ms) = (loaded.rate, loaded.p50_ms, loaded.p99_ms);
    Ok(LoadPoint { route, offered, goodput, p50_ms, p99_ms, refused: loaded.refused, unsent: loaded.unsent })
}
