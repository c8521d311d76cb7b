//! Inbox: the mails delivered by SMTP, and those not delivered yet.

use domain::api::InboxMail;
use domain::mail::{MailState, MailStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::context::Page;
use crate::format::{age, time_of_day};
use crate::signals::{flag, text};

/// The number of delivered mails shown at first.
const FIRST: usize = 30;

type Loaded = Option<Result<(Vec<InboxMail>, Vec<MailStatus>), String>>;

/// The page.
#[component]
pub fn Inbox() -> impl IntoView {
    let page = Page::here();
    let loaded = RwSignal::new(None as Loaded);
    let most = RwSignal::new(FIRST);
    let changes = Memo::new(move |_| page.state.with(|state| state.findings.mail_changes));
    // Reloaded when a mail changes, and every five seconds: SMTP may deliver after the mailer reports it.
    let five_seconds = Memo::new(move |_| page.now.get().millis().unsigned_abs() / 5_000);
    Effect::new(move || {
        // A memo runs only when it is read; tracking alone is not enough.
        changes.get();
        five_seconds.get();
        spawn_local(async move {
            let inbox = api::inbox().await;
            // Without the mailer the inbox is still shown.
            let mails = api::mails().await.unwrap_or_default();
            let fresh = Some(inbox.map(|inbox| (inbox, mails)));
            // An unchanged list is not drawn again; the page may be closed.
            if loaded.try_with_untracked(|known| *known != fresh) == Some(true) {
                loaded.set(fresh);
            }
        });
    });
    view! {
        <div class="sheet">
            <h1>"Inbox"</h1>
            <p class="lead">"Mails of the rules, as the SMTP server received them."</p>
            {move || match loaded.get() {
                None => view! { <p class="loading" role="status">"Fetching the mails …"</p> }.into_any(),
                Some(Err(why)) => view! { <p class="broken" role="status" data-testid="trouble">{why}</p> }.into_any(),
                Some(Ok((inbox, mails))) => view! { <Mails inbox mails most/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Mails(inbox: Vec<InboxMail>, mails: Vec<MailStatus>, most: RwSignal<usize>) -> impl IntoView {
    let waiting = mails.into_iter().filter(|mail| mail.state != MailState::Sent);
    let waiting = waiting.map(|mail| view! { <Waiting mail/> }).collect_view();
    if inbox.is_empty() && waiting.is_empty() {
        return view! {
            <div class="empty"><p>"No mail yet. Press F three times within a second: a rule notices, and a mail arrives here."</p></div>
        }
        .into_any();
    }
    let all = inbox.len();
    let delivered = move || inbox.iter().take(most.get()).cloned().map(|mail| view! { <Mail mail/> }).collect_view();
    view! {
        <ol class="mails" role="list">{waiting}{delivered}</ol>
        <button type="button" class="quiet more" hidden=flag(move || all <= most.get())
            on:click=move |_| most.update(|most| *most *= 2)>"Show more"</button>
    }
    .into_any()
}

#[component]
fn Mail(mail: InboxMail) -> impl IntoView {
    let page = Page::here();
    let ago = text(move || age(page.seconds_since(mail.received_at)));
    view! {
        <li class="mail" data-testid="inbox-mail">
            <h2>{mail.subject}</h2>
            <p class="when figures"><time datetime=mail.received_at.to_string()>{time_of_day(mail.received_at, page.offset_minutes)}</time>" · "{ago}" ago"</p>
            <dl>
                <dt>"From"</dt><dd>{mail.from}</dd>
                <dt>"To"</dt><dd>{mail.to}</dd>
                <dt>"Message-ID"</dt><dd class="mono">{mail.message_id}</dd>
            </dl>
            <p class="text">{mail.text}</p>
        </li>
    }
}

#[component]
fn Waiting(mail: MailStatus) -> impl IntoView {
    let text = match (mail.state, mail.error) {
        (MailState::Failed, error) => format!("Given up after {} tries: {}", mail.attempts, error.unwrap_or_default()),
        (_, Some(error)) => format!("Not delivered yet; try {} failed: {error}", mail.attempts),
        (_, None) => "On its way.".to_owned(),
    };
    view! {
        <li class="mail waiting" data-testid="waiting-mail">
            <h2>{mail.subject}</h2>
            <p class="text">{text}</p>
        </li>
    }
}
