//! A part of a page that is folded where the window is narrow, and open where it is wide.

use leptos::prelude::*;

use crate::context::Page;
use crate::signals::flag;

/// The part; its heading opens and closes it.
#[component]
pub fn Fold(
    /// Its heading.
    heading: &'static str,
    /// Whether it is folded in a wide window, too.
    #[prop(optional)]
    folded: bool,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let wide = Page::here().wide;
    view! {
        <details class="fold" open=flag(move || !folded && wide.get())>
            <summary><h3>{heading}</h3></summary>
            {children()}
        </details>
    }
}
