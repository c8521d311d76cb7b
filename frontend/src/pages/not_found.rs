//! The page for an unknown address.

use leptos::prelude::*;

use crate::address::Link;

/// The page.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <div class="sheet">
            <h1>"There is no such page"</h1>
            <p class="lead">"The pages are " <Link href="/">"Play"</Link>", " <Link href="/compare">"Compare"</Link>", " <Link href="/learn">"Learn"</Link>", " <Link href="/live">"Live"</Link>", "
                <Link href="/use-cases">"Use cases"</Link>", " <Link href="/inbox">"Inbox"</Link>" and " <Link href="/ledger">"Ledger"</Link>"."</p>
        </div>
    }
}
