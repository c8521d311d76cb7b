//! An address that names no page.

use leptos::prelude::*;

/// Says so.
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
