//! The decision table of the last comparison, as its report has it.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use verdict::judgement::Row;
use wasm_bindgen::JsValue;
use web_sys::{Element, Event};

/// The address of a scenario, without its name.
const SCENARIO: &str = "/compare/";

/// The table.
#[component]
pub fn Decision(
    /// Its rows.
    rows: Vec<Row>,
) -> impl IntoView {
    // The report's own markup, with all text escaped.
    view! { <div class="decides" inner_html=verdict::report::decision(&rows, SCENARIO) on:click=follow></div> }
}

/// Follows a link of the table within the page.
fn follow(event: MouseEvent) {
    let path = event_target::<Element>(&event).get_attribute("href").filter(|path| path.starts_with(SCENARIO));
    let Some(path) = path else { return };
    // With a key the browser opens a tab, a window or a download.
    if event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return;
    }
    event.prevent_default();
    let pushed = window().history().and_then(|all| all.push_state_with_url(&JsValue::NULL, "", Some(path.as_str())));
    // The page follows the history; its own step raises no event.
    if let (Ok(()), Ok(step)) = (pushed, Event::new("popstate")) {
        window().dispatch_event(&step).ok();
    }
}
