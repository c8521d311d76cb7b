//! A part of a page that is folded where the window is narrow, and open where it is wide.

use leptos::ev::resize;
use leptos::prelude::*;

use crate::signals::flag;

/// The width of the narrowest wide window, in CSS pixels; the styles have it as 48rem.
const WIDE: f64 = 768.0;

/// The part; its heading opens and closes it.
#[component]
pub fn Fold(
    /// Its heading.
    heading: &'static str,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let wide = RwSignal::new(is_wide());
    let listener = window_event_listener(resize, move |_| wide.set(is_wide()));
    on_cleanup(move || listener.remove());
    view! {
        <details class="fold" open=flag(move || wide.get())>
            <summary><h3>{heading}</h3></summary>
            {children()}
        </details>
    }
}

fn is_wide() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width >= WIDE)
}
