//! The frame around all pages: header, trouble, and the page that the address names.

pub mod header;
pub mod sign_in;
pub mod trouble;
pub mod trouble_lines;

use domain::Kind;
use leptos::prelude::*;
use serde_json::json;

use crate::address::{Address, parts};
use crate::context::Page;
use crate::memo::Memo;
use crate::pages::compare::{Compare, compare_text};
use crate::pages::inbox::Inbox;
use crate::pages::learn::{Learn, lessons};
use crate::pages::ledger::Ledger;
use crate::pages::live::Live;
use crate::pages::not_found::NotFound;
use crate::pages::play::Play;
use crate::pages::use_cases::UseCases;
use crate::signals::changing;
use header::Header;
use sign_in::SignIn;
use trouble::Troubles;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let address = Address::provide();
    provide_context(Page::start());
    let page = Memo::new(move |_| page(&address.path()));
    let shown = move || match page.get() {
        "Play" => view! { <Play/> }.into_any(),
        "Compare" => view! { <Compare/> }.into_any(),
        "Learn" => view! { <Learn/> }.into_any(),
        "Live" => view! { <Live/> }.into_any(),
        "Use cases" => view! { <UseCases/> }.into_any(),
        "Inbox" => view! { <Inbox/> }.into_any(),
        "Ledger" => view! { <Ledger/> }.into_any(),
        _ => view! { <NotFound/> }.into_any(),
    };
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <Navigations/>
        <Header/>
        <SignIn/>
        <Troubles/>
        <main id="main" tabindex="-1">{changing(shown)}</main>
    }
}

/// On each navigation: emits an event, sets the title, and moves the focus to the start of the page.
#[component]
fn Navigations() -> impl IntoView {
    let page = Page::here();
    let address = Address::here();
    Effect::new(move |before: Option<String>| {
        let path = address.path();
        document().set_title(&format!("{} · ESE", title(&path)));
        if let Some(before) = before.filter(|before| *before != path) {
            page.emit(Kind::Navigation, json!({ "from": before, "to": path }));
            focus_main();
        }
        path
    });
}

/// The name of the page at a path.
fn page(path: &str) -> &'static str {
    match parts(path) {
        ("", "") => "Play",
        ("compare", scenario) if !scenario.contains('/') => "Compare",
        ("learn", lesson) if !lesson.contains('/') => "Learn",
        ("live", "") => "Live",
        ("inbox", "") => "Inbox",
        ("use-cases", id) if !id.contains('/') => "Use cases",
        ("ledger", session) if !session.contains('/') => "Ledger",
        _ => "No such page",
    }
}

fn title(path: &str) -> String {
    match (page(path), parts(path).1) {
        ("Ledger", session) if !session.is_empty() => "Ledger of a session".to_owned(),
        ("Learn", lesson) => lessons::find(lesson).map_or("Learn", |(_, lesson)| lesson.title).to_owned(),
        ("Compare", scenario) if !scenario.is_empty() => compare_text::title(scenario),
        (page, _) => page.to_owned(),
    }
}

fn focus_main() {
    use wasm_bindgen::JsCast;
    let main = document().get_element_by_id("main");
    if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
        main.focus().ok();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_page_and_a_title() {
        assert_eq!(
            ["/", "/compare", "/live", "/inbox/", "/use-cases/steady-clicks"].map(page),
            ["Play", "Compare", "Live", "Inbox", "Use cases"]
        );
        assert_eq!(
            ["/ledger", "/ledger/1", "/compare/consumer-down"].map(title),
            ["Ledger", "Ledger of a session", "Consumer down"]
        );
        assert_eq!(["/live/1", "/ledger/1/2", "/nowhere"].map(page), ["No such page"; 3]);
    }
}
