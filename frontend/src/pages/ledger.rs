//! Ledger: all sessions, or the one session that the address names.

pub mod latest_ledger;
pub mod session;
pub mod session_events;
pub mod session_line;
pub mod session_row;
pub mod sessions;
pub mod start;
pub mod sums;

use leptos::prelude::*;

use crate::address::Address;
use crate::signals::changing;
use session::Session;
use sessions::Sessions;

/// The page; the address may name one session.
#[component]
pub fn Ledger() -> impl IntoView {
    let session = Address::here().rest();
    changing(move || match session.get() {
        id if id.is_empty() => view! { <Sessions/> }.into_any(),
        id => view! { <Session id/> }.into_any(),
    })
}
