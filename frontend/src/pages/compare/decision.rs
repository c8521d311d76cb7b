//! The decision table of the last comparison, as its report has it.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use verdict::judgement::Row;
use web_sys::Element;

use crate::address::{Address, is_plain};

/// The address of a scenario, without its name.
const SCENARIO: &str = "/compare/";

/// The table.
#[component]
pub fn Decision(
    /// Its rows.
    rows: Vec<Row>,
) -> impl IntoView {
    let address = Address::here();
    // The report's own markup, with all text escaped.
    view! { <div class="decides" inner_html=verdict::report::decision(&rows, SCENARIO) on:click=move |event| follow(address, &event)></div> }
}

/// Follows a link of the table within the page.
fn follow(address: Address, event: &MouseEvent) {
    let path = event_target::<Element>(event).get_attribute("href").filter(|path| path.starts_with(SCENARIO));
    if let Some(path) = path.filter(|_| is_plain(event)) {
        event.prevent_default();
        address.go(&path);
    }
}
