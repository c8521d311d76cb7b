//! Derived signals that several components of the Live page read.

use domain::Route;
use domain::api::RouteSample;
use leptos::prelude::*;

use super::lane_status::LaneStatus;
use super::live_state::LiveState;
use crate::context::Page;
use crate::memo::Memo;

/// The latest sample of one route, once there is one.
pub fn route_sample(route: Route) -> Memo<Option<RouteSample>> {
    let state = Page::here().state;
    Memo::new(move |_| state.with(|state| state.samples.latest_of(route)))
}

/// The status of a lane.
pub fn lane_status(route: Route) -> Memo<LaneStatus> {
    let (page, out_of_reach) = (Page::here(), out_of_reach());
    Memo::new(move |_| {
        let now = page.now.get();
        page.state.with(|state| match out_of_reach.get() {
            "" => state.lane_status(route, now),
            part => state.lane_status_out_of_reach(part, route, now),
        })
    })
}

/// The part that only the consumer does not reach, because their connection is broken on purpose; empty for none.
pub fn out_of_reach() -> Memo<&'static str> {
    let (page, live) = (Page::here(), LiveState::here());
    Memo::new(move |_| {
        let now = page.now.get();
        // The live stream has the consumer's view of the parts.
        let part = page.state.with(|state| if state.feed.name(now) == "live" { state.part_down(now) } else { "" });
        if live.measured.with(|measured| measured.cuts_off_only_consumer(part)) { part } else { "" }
    })
}
