//! Derived signals that several components of the Live page read.

use domain::Route;
use domain::api::RouteSample;
use leptos::prelude::*;

use super::lane_status::LaneStatus;
use crate::context::Page;
use crate::memo::Memo;

/// The latest sample of one route, once there is one.
pub fn route_sample(route: Route) -> Memo<Option<RouteSample>> {
    let state = Page::here().state;
    Memo::new(move |_| state.with(|state| state.samples.latest_of(route)))
}

/// The status of a lane.
pub fn lane_status(route: Route) -> Memo<LaneStatus> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.lane_status(route, page.now.get())))
}
