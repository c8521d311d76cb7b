//! Use cases: what each rule waits for, how it is set, how late its events are, and what it found.

use domain::api::UseCaseView;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use crate::api;
use crate::components::use_case::UseCase;
use crate::context::Page;
use crate::poll::poll;

/// The page; the address may name one use case.
#[component]
pub fn UseCases() -> impl IntoView {
    let page = Page::here();
    let params = use_params_map();
    let only = Memo::new(move |_| params.with(|params| params.get("id")));
    let views = RwSignal::new(None::<Vec<UseCaseView>>);
    let trouble = RwSignal::new(None::<String>);
    // An answer from before a change was saved would show what is no longer so.
    let saves = RwSignal::new(0_u32);
    poll(3, move || async move {
        let asked_at = saves.get_untracked();
        let (answer, mails) = (api::use_cases().await, api::mails().await);
        if saves.try_get_untracked() != Some(asked_at) {
            return;
        }
        // Without the mailer there are still the use cases.
        page.state.update(|state| mails.into_iter().flatten().for_each(|mail| state.findings.mail(mail)));
        trouble.set(answer.as_ref().err().cloned());
        if let Ok(answer) = answer {
            views.set(Some(answer));
        }
    });
    let saved = Callback::new(move |fresh: UseCaseView| {
        saves.update(|saves| *saves += 1);
        views.update(|views| {
            let known = views.iter_mut().flatten().find(|known| known.id == fresh.id);
            known.into_iter().for_each(|known| *known = fresh.clone());
        });
    });
    let names = Memo::new(move |_| {
        let name = |view: &UseCaseView| (view.id.clone(), view.about.title.clone());
        views.with(|views| views.iter().flatten().map(name).collect::<Vec<_>>())
    });
    let ids = Memo::new(move |_| {
        let wanted = |id: &String| only.with(|only| only.as_ref().is_none_or(|only| only == id));
        names.with(|names| names.iter().map(|(id, _)| id.clone()).filter(wanted).collect::<Vec<_>>())
    });
    let links = move || {
        let link = |(id, title): (String, String)| view! { <A href=format!("/use-cases/{id}")>{title}</A> };
        names.get().into_iter().map(link).collect_view()
    };
    let unknown = move || only.get().filter(|_| views.with(Option::is_some) && ids.with(Vec::is_empty));
    let case = move |id: String| view! { <UseCase id views saved/> };
    view! {
        <div class="sheet use-cases">
            <h1>"Use cases"</h1>
            <p class="lead">"Rules over the events of each client, on each route by itself: the same events, three answers, and how long each took. Settings hold from the next event on, and survive restarts."</p>
            <nav class="pills" aria-label="Use cases"><A href="/use-cases" exact=true>"All"</A>{links}</nav>
            {move || trouble.get().map(|why| view! { <p class="broken" role="status" data-testid="trouble">{why}</p> })}
            <Show when=move || views.with(Option::is_none) && trouble.with(Option::is_none)>
                <p class="loading" role="status">"Asking for the use cases …"</p>
            </Show>
            {move || unknown().map(|id| view! {
                <div class="empty" data-testid="no-use-case"><p>"There is no use case “"{id}"”."</p></div>
            })}
            <For each=move || ids.get() key=String::clone children=case/>
        </div>
    }
}
