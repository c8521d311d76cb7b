//! Inbox: an entry for each finding, with the mails of its routes as the SMTP server received them, or as they wait.

pub mod entries;
pub mod entry_row;

use leptos::prelude::*;

use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::components::keyed_rows::{Key, Rows};
use crate::context::Page;
use crate::memo::Memo;
use crate::poll::poll;
use crate::signals::{changing, flag, text};
use entries::{Entry, group};
use entry_row::EntryRow;

/// The number of entries shown at first.
const FIRST: usize = 30;

/// The page.
#[component]
pub fn Inbox() -> impl IntoView {
    let page = Page::here();
    let (entries, trouble) = (RwSignal::new(None::<Vec<Entry>>), RwSignal::new(None::<String>));
    let most = RwSignal::new(FIRST);
    // Once a second at most, however many mails change.
    let changes = Memo::new(move |_| {
        page.now.get();
        page.state.with_untracked(|state| state.findings.mail_changes)
    });
    // Every five seconds, too: SMTP may deliver after the mailer reports it.
    poll(5, move || {
        changes.get();
        load(page, entries, trouble)
    });
    let waiting = text(move || {
        let waits = entries.with(Option::is_none) && trouble.with(Option::is_none);
        if waits { "Fetching the mails …" } else { "" }.to_owned()
    });
    let all = Memo::new(move |_| entries.with(|entries| entries.as_ref().map(Vec::len)));
    let nothing = move || {
        (all.get() == Some(0)).then(|| {
            view! {
                <div class="empty"><p>"No mail yet. Press F three times within a second: a rule notices, and a mail arrives here."</p></div>
            }
        })
    };
    // An entry stays the same element when others come, so that it stays open and keeps the focus.
    let keys = Signal::derive(move || {
        entries.with(|entries| {
            entries.iter().flatten().take(most.get()).map(|entry| (entry.id, None)).collect::<Vec<Key>>()
        })
    });
    let row = Callback::new(move |(id, _): Key| view! { <EntryRow id entries/> }.into_any());
    let count = move || all.get().unwrap_or_default();
    view! {
        <div class="sheet">
            <h1>"Inbox"</h1>
            <p class="lead">"When a rule finds something, each route sends its own mail."</p>
            <p class="loading" role="status">{waiting}</p>
            <ErrorMessage why=trouble/>
            {changing(nothing)}
            <ol class="mails" role="list" hidden=flag(move || count() == 0)><Rows keys row/></ol>
            <button type="button" class="quiet more" hidden=flag(move || count() <= most.get())
                on:click=move |_| most.update(|most| *most *= 2)>"Show more"</button>
        </div>
    }
}

/// Loads the mails; the last ones stay while the inbox is down.
async fn load(page: Page, entries: RwSignal<Option<Vec<Entry>>>, trouble: RwSignal<Option<String>>) {
    let inbox = api::inbox().await;
    // Without the mailer the inbox is still shown.
    let mails = api::mails().await.unwrap_or_default();
    // The page may be closed.
    if entries.is_disposed() {
        return;
    }
    match inbox {
        Ok(inbox) => {
            trouble.set(None);
            let fresh = Some(page.state.with_untracked(|state| group(inbox, mails, &state.findings)));
            if entries.with_untracked(|known| *known != fresh) {
                entries.set(fresh);
            }
        }
        Err(why) => trouble.set(Some(why)),
    }
}
