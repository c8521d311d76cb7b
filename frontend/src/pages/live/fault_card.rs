//! One fault: its numbers, its button, and the expectation for each route.

use std::collections::BTreeMap;

use domain::Route;
use domain::api::faults::{FaultDescription, FaultParameter, FaultRequest};
use leptos::prelude::*;

use super::active_fault_text::times;
use super::fault_parameter::{bounds, name_and_unit, number};
use super::live_state::{Change, LiveState};
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::poll::attempt;
use crate::signals::{flag, text};

/// The fault.
#[component]
pub fn FaultCard(
    /// Its description.
    fault: FaultDescription,
    /// How many seconds it lasts; empty until it is ended.
    seconds: RwSignal<String>,
) -> impl IntoView {
    let (page, live) = (Page::here(), LiveState::here());
    let FaultDescription { kind, target, title, undo, parameters, expect } = fault;
    let request = FaultRequest { kind: kind.clone(), target, ..FaultRequest::default() };
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(String::new()));
    let active = {
        let FaultRequest { kind, target, .. } = request.clone();
        Signal::derive(move || live.measured.with(|measured| measured.active_fault(&kind, &target).cloned()))
    };
    let is_active = flag(move || active.get().is_some());
    let age = text(move || active.get().map(|fault| times(&fault, page.now.get())).unwrap_or_default());
    let set = active.get_untracked().map(|fault| fault.parameters).unwrap_or_default();
    let typed = parameters.into_iter().map(|parameter| {
        let number = set.get(&parameter.name).copied().unwrap_or(parameter.default);
        (parameter, RwSignal::new(number.to_string()))
    });
    let typed: Vec<(FaultParameter, RwSignal<String>)> = typed.collect();
    let fields = typed.iter().map(|(parameter, typed)| {
        view! { <Field id=format!("{kind}-{}", parameter.name) parameter=parameter.clone() typed=*typed is_active/> }
    });
    let fields = fields.collect_view();
    let toggle = move |_| {
        let change = match active.get_untracked() {
            Some(fault) => Change::Stop(fault.id),
            None => match numbers(&typed) {
                Err(sentence) => return trouble.set(sentence),
                Ok(parameters) => {
                    let seconds = seconds.with_untracked(|seconds| seconds.parse().ok());
                    Change::Start(FaultRequest { parameters, seconds, ..request.clone() })
                }
            },
        };
        attempt(busy, trouble, live.change(change));
    };
    let words = text(move || match (busy.get(), is_active.get()) {
        (true, true) => "Ending …".to_owned(),
        (true, false) => "Starting …".to_owned(),
        (false, true) => undo.clone(),
        (false, false) => title.clone(),
    });
    view! {
        <li class="fault-card" data-testid=format!("fault-{kind}") data-active=text(move || is_active.get().to_string())>
            {fields}
            <button type="button" data-testid=format!("toggle-{kind}") on:click=toggle>{words}</button>
            <p class="active-for figures" data-testid=format!("times-{kind}")>{age}</p>
            <p class="wrong" role="alert">{text(move || trouble.get())}</p>
            <dl>{expectations(expect.into_iter().collect())}</dl>
        </li>
    }
}

/// The typed numbers, or a sentence about the first that is none or out of bounds.
fn numbers(typed: &[(FaultParameter, RwSignal<String>)]) -> Result<BTreeMap<String, u32>, String> {
    let mut numbers = BTreeMap::new();
    for (parameter, typed) in typed {
        numbers.insert(parameter.name.clone(), typed.with_untracked(|typed| number(parameter, typed))?);
    }
    Ok(numbers)
}

#[component]
fn Field(id: String, parameter: FaultParameter, typed: RwSignal<String>, is_active: Signal<bool>) -> impl IntoView {
    let (words, unit) = name_and_unit(&parameter.name);
    let (hint, unit) = (format!("{id}-bounds"), format!("{unit} ({})", bounds(&parameter)));
    let invalid = text(move || typed.with(|typed| number(&parameter, typed).is_err()).to_string());
    view! {
        <div class="number">
            <label for=id.clone()>{words}</label>
            <input type="text" inputmode="numeric" autocomplete="off" id=id.clone() data-testid=id aria-describedby=hint.clone()
                aria-invalid=invalid prop:readOnly=is_active prop:value=text(move || typed.get())
                on:input=move |event| typed.set(event_target_value(&event))/>
            <span class="hint" id=hint>{unit}</span>
        </div>
    }
}

/// A line for each route, or one if all are alike.
fn expectations(mut expected: Vec<(Route, String)>) -> AnyView {
    let alike = expected.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let line = |(route, words)| {
        let head = if alike { "All routes".into_any() } else { view! { <RouteTag route/> }.into_any() };
        view! { <dt>{head}</dt><dd>{words}</dd> }
    };
    expected.truncate(if alike { 1 } else { 3 });
    expected.into_iter().map(line).collect_view().into_any()
}
