//! Use cases: the rule, the settings, the lags and the findings of each.

pub mod finding_rows;
pub mod findings;
pub mod lag_leg;
pub mod lag_panel;
pub mod settings_draft;
pub mod settings_field;
pub mod settings_form;
pub mod use_case;

use domain::api::UseCaseView;
use leptos::prelude::*;

use crate::address::{Address, Link};
use crate::api;
use crate::components::error_message::ErrorMessage;
use crate::context::Page;
use crate::memo::Memo;
use crate::poll::poll;
use crate::signals::{changing, flag};
use use_case::UseCase;

/// The page; the address may name one use case.
#[component]
pub fn UseCases() -> impl IntoView {
    let page = Page::here();
    let only = Address::here().rest();
    let views = RwSignal::new(None::<Vec<UseCaseView>>);
    let trouble = RwSignal::new(None::<String>);
    // An answer from before a save is old and ignored.
    let saves = RwSignal::new(0_usize);
    poll(2, move || async move {
        let asked_at = saves.get_untracked();
        let answer = api::use_cases().await;
        if saves.try_get_untracked() != Some(asked_at) {
            return;
        }
        match answer {
            Ok(answer) => {
                let alerts = answer.iter().flat_map(|view| &view.results).map(|alert| alert.id);
                let open = page.state.with_untracked(|state| state.findings.open_mails(alerts));
                trouble.set(None);
                views.set(Some(answer));
                // The live stream carries only the latest changes of mails.
                if !open.is_empty() {
                    // Without the mailer the use cases are still shown.
                    let mails = api::mails_of(&open).await.unwrap_or_default();
                    page.state.update(|state| mails.into_iter().for_each(|mail| state.findings.mail(mail)));
                }
            }
            Err(why) => trouble.set(Some(why)),
        }
    });
    let saved = Callback::new(move |fresh: UseCaseView| {
        saves.update(|saves| *saves += 1);
        views.update(|views| {
            if let Some(known) = views.iter_mut().flatten().find(|known| known.id == fresh.id) {
                *known = fresh;
            }
        });
    });
    let ids = Memo::new(move |_| {
        views.with(|views| views.as_ref().map(|views| views.iter().map(|view| view.id.clone()).collect::<Vec<_>>()))
    });
    let links = move || {
        ids.get();
        let link = |view: &UseCaseView| {
            let (href, title) = (format!("/use-cases/{}", view.id), view.about.title.clone());
            view! { <Link href=href>{title}</Link> }
        };
        views.with_untracked(|views| views.iter().flatten().map(link).collect_view())
    };
    let cases = move || {
        let Some(ids) = ids.get() else {
            let waits = view! { <p class="loading" role="status">"Asking for the use cases …"</p> };
            return trouble.with(Option::is_none).then_some(waits).into_any();
        };
        // Those that are not asked for are only hidden: what was typed into their forms is still there afterwards.
        let case = |id: String| {
            let own = id.clone();
            let hidden = flag(move || only.with(|only| !only.is_empty() && *only != own));
            view! { <UseCase id hidden views saved/> }
        };
        ids.into_iter().map(case).collect_view().into_any()
    };
    let unknown = move || {
        let only = only.get();
        let known = only.is_empty() || ids.with(|ids| ids.as_ref().is_none_or(|ids| ids.contains(&only)));
        let says =
            || view! { <div class="empty" data-testid="no-use-case"><p>"There is no use case “"{only}"”."</p></div> };
        (!known).then(says)
    };
    view! {
        <div class="sheet use-cases">
            <h1>"Use cases"</h1>
            <p class="lead">"Rules over the events of each client, on each route by itself: the same events, three answers, and how long each took. Settings hold from the next event on, and survive restarts."</p>
            <nav class="pills" aria-label="Use cases"><Link href="/use-cases" exact=true>"All"</Link>{changing(links)}</nav>
            <ErrorMessage why=trouble/>
            {changing(unknown)}
            {changing(cases)}
        </div>
    }
}
