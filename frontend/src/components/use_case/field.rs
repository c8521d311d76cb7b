//! One setting: its control, what it may be, the default and the way back to it, and what the consumer says against it.

use domain::Kind;
use domain::api::SettingView;
use domain::rules::Form;
use leptos::prelude::*;

use crate::format::{count, kind};
use crate::state::{Draft, text};

/// The field of the setting with this name.
#[component]
pub fn Field(
    /// The use case's name in URLs.
    case: String,
    /// The setting's name.
    name: String,
    /// All settings as they are saved.
    settings: Memo<Vec<SettingView>>,
    /// What is typed.
    draft: RwSignal<Draft>,
) -> impl IntoView {
    let wanted = name.clone();
    let setting = Memo::new(move |_| settings.with(|all| all.iter().find(|one| one.name == wanted).cloned()));
    // What can be set never changes, only what is set.
    let Some(shown) = setting.get_untracked() else { return ().into_any() };
    let typed = Memo::new(move |_| {
        setting
            .with(|setting| setting.as_ref().map(|setting| draft.with(|draft| draft.text(setting))))
            .unwrap_or_default()
    });
    let changed = Memo::new(move |_| {
        setting.with(|setting| setting.as_ref().is_some_and(|setting| draft.with(|draft| draft.is_changed(setting))))
    });
    let fault = Memo::new(move |_| draft.with(|draft| draft.fault(&name).map(str::to_owned)));
    let put = Callback::new(move |text: String| {
        setting.with_untracked(|setting| {
            setting.iter().for_each(|setting| draft.update(|draft| draft.put(setting, text.clone())));
        });
    });
    let id = format!("{case}-{}", shown.name);
    let (hint_id, fault_id) = (format!("{id}-hint"), format!("{id}-fault"));
    let described = format!("{hint_id} {fault_id}");
    let invalid = move || fault.with(Option::is_some).to_string();
    let (bounds, unit) = match &shown.form {
        Form::Number { min, max, unit } => (format!("{} to {}", whole(*min), whole(*max)), unit.clone()),
        Form::Kind | Form::Address => (String::new(), String::new()),
    };
    let numeric = (!unit.is_empty()).to_string();
    let test_id = format!("setting-{id}");
    let control = match shown.form {
        Form::Kind => {
            let option = |one: Kind| {
                let chosen = move || typed.with(|typed| typed == one.name());
                view! { <option value=one.name() prop:selected=chosen>{kind(one)}</option> }
            };
            view! {
                <select id=id.clone() data-testid=test_id aria-describedby=described aria-invalid=invalid
                    on:change=move |event| put.run(event_target_value(&event))>{Kind::ALL.map(option).collect_view()}</select>
            }
            .into_any()
        }
        Form::Number { .. } | Form::Address => {
            let keyboard = if matches!(shown.form, Form::Address) { "email" } else { "numeric" };
            view! {
                <input type="text" id=id.clone() data-testid=test_id inputmode=keyboard autocomplete="off" spellcheck="false"
                    aria-describedby=described aria-invalid=invalid prop:value=typed
                    on:input=move |event| put.run(event_target_value(&event))/>
            }
            .into_any()
        }
    };
    let plain = text(&shown.default);
    let default = match shown.form {
        Form::Kind => plain.parse().map_or_else(|_| plain.clone(), |known| kind(known).to_owned()),
        _ => plain.clone(),
    };
    let is_default = {
        let plain = plain.clone();
        Memo::new(move |_| typed.with(|typed| *typed == plain))
    };
    let (label, to_default) = (shown.label.clone(), format!("{}: use the default, {default}", shown.label));
    view! {
        <div class="field" data-changed=move || changed.get().to_string() data-numeric=numeric>
            <label for=id>{label}</label>
            <div class="control">{control}<span class="unit">{unit}</span></div>
            <p class="hint" id=hint_id>
                {(!bounds.is_empty()).then(|| format!("{bounds} · "))}"default "{default}
                <Show when=move || !is_default.get()>
                    " "<button type="button" class="quiet" aria-label=to_default.clone()
                        on:click={ let plain = plain.clone(); move |_| put.run(plain.clone()) }>"Use it"</button>
                </Show>
            </p>
            <p class="fault" id=fault_id>{move || fault.get()}</p>
        </div>
    }
    .into_any()
}

fn whole(number: i64) -> String {
    format!("{}{}", if number < 0 { "−" } else { "" }, count(number.unsigned_abs()))
}
