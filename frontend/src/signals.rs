//! Derived signals that components of several pages read.

use std::sync::{Arc, Mutex};

use domain::Route;
use domain::api::RouteStats;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;

use crate::context::Page;
use crate::memo::Memo;
use crate::state::part_health::PartHealth;

/// A derived text. All are of one type; a closure for each would bring code of its own.
pub fn text(of: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    signal(Box::new(of))
}

/// A derived condition, of one type for the same reason.
pub fn flag(of: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    signal(Box::new(of))
}

/// A part of a view that is made anew when a signal in it changes, of one type for the same reason.
pub fn changing<V: IntoView + 'static>(of: impl Fn() -> V + Send + 'static) -> SharedReactiveFunction<AnyView> {
    Arc::new(Mutex::new(move || of().into_any()))
}

fn signal<T: Send + Sync + 'static>(of: Box<dyn Make<T>>) -> Signal<T> {
    Signal::derive(move || of.make())
}

/// A closure as an object: smaller than one of std, which can be called in three ways.
trait Make<T>: Send + Sync {
    fn make(&self) -> T;
}

impl<T, F: Fn() -> T + Send + Sync> Make<T> for F {
    fn make(&self) -> T {
        self()
    }
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
