//! The page for an unknown address.

use leptos::prelude::*;

/// The page.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <div class="sheet">
            <h1>"There is no such page"</h1>
            <p class="lead">"The pages are " <a href="/">"Play"</a>", " <a href="/live">"Live"</a>", "
                <a href="/use-cases">"Use cases"</a>", " <a href="/inbox">"Inbox"</a>" and " <a href="/ledger">"Ledger"</a>"."</p>
        </div>
    }
}
