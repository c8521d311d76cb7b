//! One entry of the inbox: its finding, the mail of each route, and the mails themselves once it is opened.

use domain::mail_request::{MailState, MailStatus};
use leptos::prelude::*;
use uuid::Uuid;

use super::entries::{Content, Entry, Mail};
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::format::{age, duration, time_of_day};
use crate::memo::Memo;
use crate::signals::{changing, text};
use crate::state::findings::mail_trouble;

/// The entry; it updates itself.
#[component]
pub fn EntryRow(
    /// Its id.
    id: Uuid,
    /// All entries, as last loaded.
    entries: RwSignal<Option<Vec<Entry>>>,
) -> impl IntoView {
    let page = Page::here();
    let entry: Memo<Option<Entry>> =
        Memo::new(move |_| entries.with(|entries| entries.iter().flatten().find(|entry| entry.id == id).cloned()));
    let subject = entry.with_untracked(|entry| entry.as_ref().map(|entry| entry.subject.clone()));
    let began = Memo::new(move |_| entry.with(|entry| entry.as_ref().map(Entry::began)).unwrap_or_default());
    let gist =
        text(move || entry.with(|entry| entry.as_ref().map(|entry| entry.gist().to_owned())).unwrap_or_default());
    let has_come = text(move || entry.with(|entry| entry.as_ref().is_some_and(Entry::has_come)).to_string());
    let mails = move || entry.get().into_iter().flat_map(|entry| entry.mails);
    let letters = move || mails().map(|mail| letter(mail, page.offset_minutes)).collect_view();
    let routes = move || {
        let item = |entry: &Entry| entry.mails.iter().map(|mail| route_item(entry, mail)).collect_view();
        entry.with(|entry| entry.as_ref().map(item))
    };
    let number = text(move || match mails().count() {
        1 => "1 mail".to_owned(),
        number => format!("{number} mails"),
    });
    view! {
        <li class="mail" data-testid="inbox-mail" data-come=has_come>
            <h2>{subject}</h2>
            <p class="when figures">
                <time datetime=text(move || began.get().to_string())>{text(move || time_of_day(began.get(), page.offset_minutes))}</time>
                " · "{text(move || age(page.seconds_since(began.get())))}" ago"
            </p>
            <p class="gist">{gist}</p>
            <ul class="routes" role="list" aria-label="The mail of each route">{changing(routes)}</ul>
            <details>
                <summary>{number}</summary>
                {changing(letters)}
            </details>
        </li>
    }
}

/// The route of a mail, and how long after the first it came, or why it has not come.
fn route_item(entry: &Entry, mail: &Mail) -> AnyView {
    let (state, words) = match &mail.content {
        Content::Came(_) => ("came", after_first(entry.after_first_ms(mail).unwrap_or_default())),
        Content::Waits(mail) => (if mail.state == MailState::Failed { "failed" } else { "waits" }, trouble(mail)),
    };
    let test_id = mail.route.map(|route| format!("mail-of-{route}"));
    let tag = mail.route.map(|route| view! { <RouteTag route/> });
    view! { <li data-testid=test_id data-state=state>{tag}<span class="figures">{words}</span></li> }.into_any()
}

/// `first`, or the time after the first mail.
fn after_first(millis: f64) -> String {
    if millis <= 0.0 { "first".to_owned() } else { format!("+{}", duration(millis)) }
}

/// A mail as plain text, with its time and its addresses.
fn letter(mail: Mail, offset_minutes: i64) -> AnyView {
    let (came, from, to, message_id, text) = match mail.content {
        Content::Came(mail) => {
            (time_of_day(mail.received_at, offset_minutes), mail.from, mail.to, mail.message_id, mail.text)
        }
        Content::Waits(mail) => {
            let words = trouble(&mail);
            (String::new(), String::new(), mail.to, String::new(), words)
        }
    };
    let facts = [("Received", came), ("From", from), ("To", to), ("Message-ID", message_id)];
    let facts = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    let facts = facts.map(|(name, fact)| view! { <dt>{name}</dt><dd>{fact}</dd> }).collect_view();
    let route = mail.route.map(|route| view! { <dt>"Route"</dt><dd><RouteTag route/></dd> });
    view! {
        <div class="letter">
            <dl>{route}{facts}</dl>
            <p class="text" data-testid="mail-text">{text}</p>
        </div>
    }
    .into_any()
}

/// Why a mail has not come.
fn trouble(mail: &MailStatus) -> String {
    let words = mail_trouble(mail);
    if words.is_empty() { "on its way".to_owned() } else { words }
}
