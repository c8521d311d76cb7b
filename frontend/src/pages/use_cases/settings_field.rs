//! One setting: its control, its bounds, its default, and the consumer's fault.

use domain::Kind;
use domain::api::SettingView;
use domain::rules::Form;
use leptos::prelude::*;

use super::settings_draft::{SettingsDraft, plain};
use crate::format::{kind, signed};
use crate::memo::Memo;
use crate::signals::{flag, text};

/// The field of one setting.
#[component]
pub fn SettingsField(
    /// The prefix of the element ids.
    id: String,
    /// Its index among the settings.
    place: usize,
    /// The setting when the form was opened.
    shown: SettingView,
    /// All saved settings.
    settings: Memo<Vec<SettingView>>,
    /// The unsaved settings.
    draft: RwSignal<SettingsDraft>,
) -> impl IntoView {
    let read = move |of: fn(&SettingsDraft, &SettingView) -> String| {
        settings.with(|all| all.get(place).map(|setting| draft.with(|draft| of(draft, setting)))).unwrap_or_default()
    };
    let typed = move || read(SettingsDraft::text);
    let fault = move || read(|draft, setting| draft.fault(setting).unwrap_or_default());
    let put = Callback::new(move |text: String| {
        settings.with_untracked(|all| all.get(place).map(|setting| draft.update(|draft| draft.put(setting, text))));
    });
    let (hint_id, fault_id) = (format!("{id}-hint"), format!("{id}-fault"));
    let (test_id, described) = (format!("setting-{id}"), format!("{hint_id} {fault_id}"));
    let invalid = text(move || (!fault().is_empty()).to_string());
    let (bounds, unit) = match &shown.form {
        Form::Number { min, max, unit } => (format!("{} to {} · ", signed(*min), signed(*max)), unit.clone()),
        Form::Kind | Form::Address => Default::default(),
    };
    let control = match shown.form {
        Form::Kind => {
            let is_own = move || typed().parse::<Kind>().is_err();
            let option = |one: Kind| view! { <option value=one.name() prop:selected=flag(move || typed() == one.name())>{kind(one)}</option> };
            let own_id = format!("{test_id}-own");
            view! {
                <select id=id.clone() data-testid=test_id aria-describedby=described.clone() aria-invalid=invalid
                    on:change=move |event| put.run(event_target_value(&event))>
                    {Kind::ALL.map(option).collect_view()}
                    <option value="" prop:selected=flag(is_own)>"One of your own"</option>
                </select>
                <input type="text" data-testid=own_id aria-label="Name of your own type" aria-describedby=described
                    placeholder="com.example.order-paid" autocomplete="off" spellcheck="false" hidden=flag(move || !is_own())
                    prop:value=text(typed) on:input=move |event| put.run(event_target_value(&event))/>
            }
            .into_any()
        }
        Form::Number { .. } | Form::Address => {
            let keyboard = if matches!(shown.form, Form::Address) { "email" } else { "numeric" };
            view! {
                <input type="text" id=id.clone() data-testid=test_id inputmode=keyboard autocomplete="off" spellcheck="false"
                    aria-describedby=described aria-invalid=invalid prop:value=text(typed)
                    on:input=move |event| put.run(event_target_value(&event))/>
            }
            .into_any()
        }
    };
    let plain = plain(&shown.default);
    let default = plain.parse::<Kind>().map_or_else(|_| plain.clone(), |known| kind(known).to_owned());
    let to_default = format!("{}: use the default, {default}", shown.label);
    let as_default = plain.clone();
    let is_default = move || typed() == as_default;
    view! {
        <div class="field" data-changed=text(move || read(|draft, setting| draft.is_changed(setting).to_string()))
            data-numeric=(!unit.is_empty()).to_string()>
            <label for=id>{shown.label}</label>
            <div class="control">{control}<span class="unit">{unit.clone()}</span></div>
            <p class="hint" id=hint_id>
                <span>{bounds}"default "{default}</span>
                <button type="button" class="quiet" aria-label=to_default hidden=flag(is_default)
                    on:click=move |_| put.run(plain.clone())>"Use it"</button>
            </p>
            <p class="fault" id=fault_id>{text(fault)}</p>
        </div>
    }
}
