//! The header: the links to all pages, and whether the page is connected.

use leptos::prelude::*;

use crate::address::Link;
use crate::context::Page;
use crate::format::{age, count};
use crate::memo::Memo;
use crate::signals::{age_if_old, text};

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <p class="brand"><Mark/><span>"ESE"</span><small>"Event-Streaming"<br/>"Example"</small></p>
            <nav aria-label="Pages">
                <Link href="/" exact=true>"Play"</Link>
                <Link href="/compare">"Compare"</Link>
                <Link href="/learn">"Learn"</Link>
                <Link href="/live">"Live"</Link>
                <Link href="/use-cases">"Use cases"</Link>
                <Link href="/inbox">"Inbox"</Link>
                <Link href="/ledger">"Ledger"</Link>
            </nav>
            <StreamState/>
        </header>
    }
}

/// The logo: three lanes.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
            <rect data-route="http-push" x="2" y="4" width="20" height="4" rx="2"/>
            <rect data-route="http-poll" x="2" y="10" width="14" height="4" rx="2"/>
            <rect data-route="kafka" x="2" y="16" width="17" height="4" rx="2"/>
        </svg>
    }
}

/// Connected, old with its age, or connecting.
#[component]
fn StreamState() -> impl IntoView {
    let page = Page::here();
    let name = Memo::new(move |_| page.state.with(|state| state.feed.name(page.now.get())));
    let old = age_if_old();
    let label = text(move || match name.get() {
        "live" => "Connected".to_owned(),
        "old" => "Old".to_owned(),
        _ => "Connecting".to_owned(),
    });
    let since = text(move || old.get().map(|seconds| format!(" · {}", age(seconds))).unwrap_or_default());
    let total = Memo::new(move |_| {
        page.state.with(|state| {
            state
                .stats
                .as_ref()
                .map(|stats| stats.routes.values().map(|route| route.balance.processed + route.unnumbered).sum::<u64>())
        })
    });
    view! {
        <p class="live-state" data-testid="live-state" data-state=text(move || name.get().to_owned())>
            <span class="dot" aria-hidden="true"></span>
            <span role="status">{label}</span>
            // The age changes each second, so it is not announced.
            <span class="figures" aria-hidden="true">{since}</span>
            <span class="total figures">{text(move || total.get().map(deliveries).unwrap_or_default())}</span>
        </p>
    }
}

/// `1 delivery`, `2 deliveries`.
fn deliveries(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "delivery" } else { "deliveries" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_delivery_is_singular() {
        assert_eq!([0, 1, 2].map(deliveries), ["0 deliveries", "1 delivery", "2 deliveries"]);
    }
}
