//! What the Live page is made of.

pub mod charts;
pub mod compare;
pub mod dot_pool;
pub mod headline;
pub mod measures;
pub mod partitions;
pub mod pipeline;
pub mod station;
pub mod track;
pub mod what_if;

use domain::Route;
use domain::api::RouteSample;
use leptos::prelude::*;

use crate::context::Page;
use crate::state::{Lane, PartHealth};

/// The last second of one route, once there was one.
pub fn pulse(route: Route) -> Memo<Option<RouteSample>> {
    let state = Page::here().state;
    Memo::new(move |_| state.with(|state| state.pulses.latest_of(route)))
}

/// How a lane is.
pub fn lane(route: Route) -> Memo<Lane> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.lane(route, page.now.get())))
}

/// How a part is.
pub fn part(name: &'static str) -> Memo<PartHealth> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.part(name, page.now.get())))
}

/// How old what is shown is, in seconds, if it is old.
pub fn old_for() -> Memo<Option<u64>> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.feed.old_for(page.now.get())))
}
