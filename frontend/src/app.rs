//! The frame around all pages: header, trouble, router.

pub mod header;
pub mod trouble;
pub mod trouble_lines;

use domain::Kind;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;
use serde_json::json;

use crate::context::Page;
use crate::pages::inbox::Inbox;
use crate::pages::ledger::Ledger;
use crate::pages::live::Live;
use crate::pages::not_found::NotFound;
use crate::pages::play::Play;
use crate::pages::use_cases::UseCases;
use header::Header;
use trouble::Troubles;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    provide_context(Page::start());
    view! {
        <Router>
            <a class="skip" href="#main">"Skip to the content"</a>
            <Navigations/>
            <Header/>
            <Troubles/>
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Play/>
                    <Route path=path!("/live") view=Live/>
                    <Route path=path!("/use-cases/:id?") view=UseCases/>
                    <Route path=path!("/inbox") view=Inbox/>
                    <Route path=path!("/ledger/:session?") view=Ledger/>
                </FlatRoutes>
            </main>
        </Router>
    }
}

/// On each navigation: emits an event, sets the title, and moves the focus to the start of the page.
#[component]
fn Navigations() -> impl IntoView {
    let page = Page::here();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        document().set_title(&format!("{} · ESE", title(&path)));
        if let Some(before) = before.filter(|before| *before != path) {
            page.emit(Kind::Navigation, json!({ "from": before, "to": path }));
            focus_main();
        }
        path
    });
}

fn title(path: &str) -> &'static str {
    match path.trim_end_matches('/') {
        "" => "Play",
        "/live" => "Live",
        "/inbox" => "Inbox",
        "/ledger" => "Ledger",
        _ if path.starts_with("/ledger/") => "Ledger of a session",
        _ if path == "/use-cases" || path.starts_with("/use-cases/") => "Use cases",
        _ => "No such page",
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
