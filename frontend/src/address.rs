//! Addresses: the path of the page, links that change it without a new page, and the browser's history.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::memo::Memo;

/// The path of the page; copies share it.
#[derive(Clone, Copy)]
pub struct Address(RwSignal<String>);

impl Address {
    /// Follows the address from now on, for this component and those below it.
    pub fn provide() -> Self {
        let address = Self(RwSignal::new(present_path()));
        window_event_listener(leptos::ev::popstate, move |_| address.0.set(present_path()));
        provide_context(address);
        address
    }

    /// That of the page.
    pub fn here() -> Self {
        expect_context()
    }

    /// The path.
    pub fn path(self) -> String {
        self.0.get()
    }

    /// The part of the path after its first one; empty if there is none.
    pub fn rest(self) -> Memo<String> {
        Memo::new(move |_| {
            let rest = self.0.with(|path| parts(path).1.to_owned());
            js_sys::decode_uri_component(&rest).map_or(rest, String::from)
        })
    }

    /// Opens a path within the page.
    pub fn go(self, path: &str) {
        if self.0.with_untracked(|present| present == path) {
            return;
        }
        if let Ok(history) = window().history() {
            history.push_state_with_url(&JsValue::NULL, "", Some(path)).ok();
        }
        self.0.set(path.to_owned());
    }
}

fn present_path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// The first part of a path, and the others.
pub fn parts(path: &str) -> (&str, &str) {
    let path = path.trim_matches('/');
    path.split_once('/').unwrap_or((path, ""))
}

/// A link within the page.
#[component]
pub fn Link(
    /// Its path.
    #[prop(into)]
    href: String,
    /// Whether it stands for this address alone, not for those below it.
    #[prop(optional)]
    exact: bool,
    /// Its text.
    children: Children,
) -> impl IntoView {
    let address = Address::here();
    let (own, to) = (href.clone(), href.clone());
    let current = move || address.0.with(|path| is_current(path, &own, exact)).then_some("page");
    let follow = move |event: MouseEvent| {
        if is_plain(&event) {
            event.prevent_default();
            address.go(&to);
        }
    };
    view! { <a href=href aria-current=current on:click=follow>{children()}</a> }
}

/// Whether a click follows a link within the page. With a key the browser opens a tab, a window or a download.
pub fn is_plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

fn is_current(path: &str, href: &str, exact: bool) -> bool {
    let below = path.trim_end_matches('/').strip_prefix(href.trim_end_matches('/'));
    below.is_some_and(|below| below.is_empty() || (!exact && below.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_first_part_and_others() {
        assert_eq!(parts("/"), ("", ""));
        assert_eq!(parts("/live/"), ("live", ""));
        assert_eq!(parts("/use-cases/steady-clicks"), ("use-cases", "steady-clicks"));
        assert_eq!(parts("/no/such/page"), ("no", "such/page"));
    }

    #[test]
    fn a_link_is_current_at_its_address_and_below() {
        assert!(is_current("/ledger", "/ledger", false) && is_current("/ledger/1", "/ledger", false));
        assert!(!is_current("/ledgers", "/ledger", false) && !is_current("/ledger/1", "/ledger", true));
        assert!(is_current("/", "/", true) && !is_current("/live", "/", true));
        assert!(is_current("/live/", "/live", true));
    }
}
