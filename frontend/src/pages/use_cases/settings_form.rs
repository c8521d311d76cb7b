//! The form of a use case's settings; the consumer describes and saves them.

use domain::api::{SettingView, UseCaseView};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::settings_draft::SettingsDraft;
use super::settings_field::SettingsField;
use crate::api;
use crate::context::Page;
use crate::memo::Memo;
use crate::signals::{flag, text};

/// The form.
#[component]
pub fn SettingsForm(
    /// The use case's name in URLs.
    id: String,
    /// The use case.
    view: Memo<Option<UseCaseView>>,
    /// Called with the use case after a save.
    saved: Callback<UseCaseView>,
) -> impl IntoView {
    let draft = Page::here().draft(&id);
    draft.update(SettingsDraft::reopened);
    let settings: Memo<Vec<SettingView>> =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.settings.clone())).unwrap_or_default());
    let state = move || settings.with(|settings| draft.with(|draft| draft.state(settings)));
    let clean = move || !matches!(state().0, "unsaved" | "failed");
    let asked = id.clone();
    let save = move || {
        let changes = settings.with_untracked(|settings| draft.with_untracked(|draft| draft.changes(settings)));
        if changes.is_empty() || untrack(state).0 == "saving" {
            return;
        }
        draft.update(SettingsDraft::saving);
        let id = asked.clone();
        spawn_local(async move {
            let answer = api::change_use_case(&id, &changes).await;
            // The page may have changed by now; typed text is kept.
            draft.update(|draft| match &answer {
                Ok(view) => draft.answered(Ok(&view.settings)),
                Err(why) => draft.answered(Err(why.clone())),
            });
            if let Ok(view) = answer {
                saved.try_run(view);
            }
        });
    };
    // The settings never change, only their values do.
    let fields = settings.get_untracked().into_iter().enumerate();
    let fields = fields
        .map(|(place, shown)| view! { <SettingsField id=format!("{id}-{}", shown.name) place shown settings draft/> });
    let fields = fields.collect_view();
    view! {
        <form class="settings" aria-label="Settings" novalidate=true
            on:submit=move |event| { event.prevent_default(); save() }>
            {fields}
            <div class="save">
                <button type="submit" class="primary" data-testid=format!("save-{id}") aria-disabled=text(move || clean().to_string())>"Save"</button>
                <button type="button" hidden=flag(clean) on:click=move |_| draft.update(SettingsDraft::discard)>"Discard"</button>
                <p role="status" data-testid=format!("save-state-{id}") data-state=text(move || state().0.to_owned())>{text(move || state().1)}</p>
            </div>
        </form>
    }
}
