//! Listeners that turn user actions into events; they live as long as the page.
//!
//! Only elements marked `data-ese-event="name"` are looked at, and none under `data-ese-ignore`.

use std::cell::RefCell;
use std::rc::Rc;

use domain::Kind;
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent};

use crate::{Tracking, json, privacy};

/// Elements that take text; radio buttons and switches do not.
const TYPED_INTO: &str = "input:not([type=radio],[type=checkbox],[type=button],[type=range]),textarea,select";
/// Elements that have a value; a click on one says nothing yet.
const FIELD: &str = "input:not([type=button],[type=submit],[type=reset],[type=image]),textarea,select";
/// The attribute that marks captured elements and names them.
const MARK: &str = "data-ese-event";
const MARKED: &str = "[data-ese-event]";
const IGNORED: &str = "[data-ese-ignore]";

/// Emits a click on anything marked, but for fields.
pub fn clicks(tracking: &Tracking) {
    let tracking = tracking.clone();
    listen(document(), "click", move |event| {
        let Some(element) = looked_at(&event).filter(|element| !element.matches(FIELD).unwrap_or(true)) else { return };
        let marked = element.closest(MARKED).ok().flatten();
        if let Some(name) = marked.and_then(|element| element.get_attribute(MARK)) {
            tracking.emit(Kind::ButtonClick.name(), &object(&[("button", &name)]));
        }
    });
}

/// Emits that a marked field changed, never to what; nothing for passwords and payments.
pub fn inputs(tracking: &Tracking) {
    let tracking = tracking.clone();
    listen(document(), "change", move |event| {
        let Some(field) = looked_at(&event) else { return };
        let Some(name) = field.get_attribute(MARK) else { return };
        let of = |attribute| field.get_attribute(attribute).unwrap_or_default();
        if !privacy::is_secret(&of("type"), &of("autocomplete"), [&of("name"), &of("id")]) {
            tracking.emit(Kind::InputPassed.name(), &object(&[("field", &name)]));
        }
    });
}

/// Emits an event for each physical press of a `wanted` key (in lower case).
pub fn keys(tracking: &Tracking, wanted: impl Fn(&str) -> bool + 'static) {
    let tracking = tracking.clone();
    listen(document(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let key = event.key().to_ascii_lowercase();
        let with_modifier = event.ctrl_key() || event.alt_key() || event.meta_key();
        if wanted(&key) && counts(event.repeat(), with_modifier, types_into(event)) && looked_at(event).is_some() {
            tracking.emit(Kind::KeyPress.name(), &object(&[("key", &key)]));
        }
    });
}

/// Emits each move to another place within the page: by the History API, back and forward, or by the fragment.
pub fn navigations(tracking: &Tracking) {
    let (tracking, before) = (tracking.clone(), RefCell::new(place()));
    let moved = Rc::new(move || {
        let (from, to) = (before.replace(place()), place());
        if from != to {
            tracking.emit(Kind::Navigation.name(), &object(&[("from", &from), ("to", &to)]));
        }
    });
    for name in ["pushState", "replaceState"] {
        follow(name, moved.clone());
    }
    for name in ["popstate", "hashchange"] {
        let moved = moved.clone();
        listen(web_sys::window(), name, move |_| moved());
    }
}

/// Calls `then` after each call of a method of `history`.
fn follow(name: &str, then: Rc<impl Fn() + 'static>) {
    let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else { return };
    let Some(method) = Reflect::get(&history, &name.into()).ok().and_then(|own| own.dyn_into::<Function>().ok()) else {
        return;
    };
    let own = history.clone();
    let closure = Closure::<dyn Fn(JsValue, JsValue, JsValue)>::new(move |state, unused, url| {
        match method.call3(&own, &state, &unused, &url) {
            Ok(_) => then(),
            Err(error) => wasm_bindgen::throw_val(error),
        }
    });
    Reflect::set(&history, &name.into(), &closure.into_js_value()).ok();
}

/// A JSON object of texts; the names need no escape.
fn object(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        text.push_str(if text.is_empty() { "{\"" } else { ",\"" });
        text.push_str(name);
        text.push_str("\":");
        text.push_str(&json::quoted(value));
    }
    text.push('}');
    text
}

/// Where the page is now.
fn place() -> String {
    let location = web_sys::window().map(|window| window.location());
    let parts = location.map(|at| (at.pathname().unwrap_or_default(), at.hash().unwrap_or_default()));
    parts.map(|(path, fragment)| privacy::place(&path, &fragment)).unwrap_or_default()
}

/// The element that an event happened on, unless it is to be ignored.
fn looked_at(event: &Event) -> Option<Element> {
    let element: Element = event.target()?.dyn_into().ok()?;
    element.closest(IGNORED).ok()?.is_none().then_some(element)
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

fn document() -> Option<impl AsRef<EventTarget>> {
    web_sys::window()?.document()
}

/// Listens before the page's own listeners, which may stop an event.
fn listen(target: Option<impl AsRef<EventTarget>>, name: &str, then: impl Fn(Event) + 'static) {
    let Some(target) = target else { return };
    let closure = Closure::<dyn Fn(Event)>::new(then);
    target.as_ref().add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true).ok();
    closure.forget();
}

#[cfg(test)]
mod tests {
    use super::{counts, object};

    #[test]
    fn data_is_json() {
        let text = object(&[("from", "/\"a"), ("to", "/b")]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, serde_json::json!({ "from": "/\"a", "to": "/b" }));
    }

    #[test]
    fn a_press_counts_once_and_not_while_typing() {
        assert!(counts(false, false, false));
        assert!(!counts(true, false, false), "held down");
        assert!(!counts(false, true, false), "a shortcut");
        assert!(!counts(false, false, true), "typing");
    }
}
