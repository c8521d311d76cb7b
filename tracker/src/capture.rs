//! Listeners that turn user actions into events; they live as long as the page.

use domain::Kind;
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::Tracking;

/// Elements that take text; radio buttons and switches do not.
const TYPED_INTO: &str = "input:not([type=radio],[type=checkbox],[type=button],[type=range]),textarea,select";
/// The attribute that marks captured elements and names them.
const MARK: &str = "data-emit";

/// Emits a click on any button marked `data-emit="name"`.
pub fn clicks(tracking: &Tracking) {
    let tracking = tracking.clone();
    listen("click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let marked = target.and_then(|element| element.closest(&format!("button[{MARK}]")).ok().flatten());
        if let Some(name) = marked.and_then(|element| element.get_attribute(MARK)) {
            tracking.emit(Kind::ButtonClick, json!({ "button": name }));
        }
    });
}

/// Emits the value of any input marked `data-emit="name"` when it changes.
pub fn inputs(tracking: &Tracking) {
    let tracking = tracking.clone();
    listen("change", move |event| {
        let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field
            && let Some(name) = field.get_attribute(MARK)
        {
            tracking.emit(Kind::InputPassed, json!({ "field": name, "value": field.value() }));
        }
    });
}

/// Emits an event for each physical press of a `wanted` key (in lower case).
pub fn keys(tracking: &Tracking, wanted: impl Fn(&str) -> bool + 'static) {
    let tracking = tracking.clone();
    listen("keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let key = event.key().to_ascii_lowercase();
        let with_modifier = event.ctrl_key() || event.alt_key() || event.meta_key();
        if wanted(&key) && counts(event.repeat(), with_modifier, types_into(event)) {
            tracking.emit(Kind::KeyPress, json!({ "key": key }));
        }
    });
}

/// Whether a `keydown` counts: not a held key, not a shortcut, not typing.
fn counts(repeat: bool, with_modifier: bool, typing: bool) -> bool {
    !repeat && !with_modifier && !typing
}

fn types_into(event: &Event) -> bool {
    let Some(target) = event.target() else { return false };
    let editable = target.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable);
    let field = target.dyn_ref::<Element>().is_some_and(|element| element.matches(TYPED_INTO).unwrap_or(false));
    editable || field
}

fn listen(name: &str, then: impl Fn(Event) + 'static) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let closure = Closure::<dyn Fn(Event)>::new(then);
    document.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).ok();
    closure.forget();
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn a_press_counts_once_and_not_while_typing() {
        assert!(counts(false, false, false));
        assert!(!counts(true, false, false), "held down");
        assert!(!counts(false, true, false), "a shortcut");
        assert!(!counts(false, false, true), "typing");
    }
}
