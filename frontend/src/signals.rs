//! Derived signals that components of several pages read.

use domain::Route;
use domain::api::RouteStats;
use leptos::prelude::*;

use crate::context::Page;
use crate::state::part_health::PartHealth;

/// A derived text. All are of one type; a closure for each would bring code of its own.
pub fn text(of: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(of)
}

/// A derived condition, of one type for the same reason.
pub fn flag(of: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(of)
}

/// The age of the shown data in seconds, if the live stream is interrupted.
pub fn age_if_old() -> Memo<Option<u64>> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.feed.age_if_old(page.now.get())))
}

/// The counts of one route, once they are known, without a lag that is not known.
pub fn route_stats(route: Route) -> Memo<Option<RouteStats>> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.route_stats(route, page.now.get())))
}

/// The health of a part.
pub fn part_health(name: &'static str) -> Memo<PartHealth> {
    let page = Page::here();
    Memo::new(move |_| page.state.with(|state| state.part(name, page.now.get())))
}
