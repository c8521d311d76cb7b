//! One fault: its numbers, its button, and the expectation for each route.

use std::collections::BTreeMap;

use domain::Route;
use domain::api::faults::{ActiveFault, FaultDescription, FaultParameter, FaultRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::control_panel::{Change, ControlPanel, Measured};
use super::fault_words::{bounds, name_and_unit, number, times};
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::signals::{flag, text};

/// The fault.
#[component]
pub fn FaultCard(
    /// Its description.
    fault: FaultDescription,
    /// How many seconds it lasts; empty until it is ended.
    seconds: RwSignal<String>,
) -> impl IntoView {
    let (page, panel) = (Page::here(), ControlPanel::here());
    let FaultDescription { kind, target, title, undo, parameters, expect } = fault;
    let request = FaultRequest { kind: kind.clone(), target, ..FaultRequest::default() };
    let read = {
        let request = request.clone();
        move |of: &dyn Fn(&ActiveFault) -> String| {
            let of = |measured: &Measured| measured.active_fault(&request.kind, &request.target).map(of);
            panel.measured.with(of).unwrap_or_default()
        }
    };
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(String::new()));
    let id = Memo::new({
        let read = read.clone();
        move |_| read(&|fault| fault.id.to_string())
    });
    let is_active = flag(move || id.with(|id| !id.is_empty()));
    let age = text({
        let read = read.clone();
        move || read(&|fault| times(fault, page.now.get()))
    });
    let typed: Vec<(FaultParameter, RwSignal<String>)> = parameters
        .into_iter()
        .map(|parameter| {
            let set = untrack(|| {
                read(&|fault| fault.parameters.get(&parameter.name).map(u32::to_string).unwrap_or_default())
            });
            let text = if set.is_empty() { parameter.default.to_string() } else { set };
            (parameter, RwSignal::new(text))
        })
        .collect();
    let fields = typed.iter().map(|(parameter, typed)| {
        view! { <Field id=format!("{kind}-{}", parameter.name) parameter=parameter.clone() typed=*typed is_active/> }
    });
    let fields = fields.collect_view();
    let toggle = move |_| {
        if busy.get_untracked() {
            return;
        }
        let change = match id.with_untracked(|id| id.parse().ok()) {
            Some(id) => Change::Stop(id),
            None => match numbers(&typed) {
                Err(sentence) => return trouble.set(sentence),
                Ok(parameters) => {
                    let seconds = seconds.with_untracked(|seconds| seconds.parse().ok());
                    Change::Start(FaultRequest { parameters, seconds, ..request.clone() })
                }
            },
        };
        busy.set(true);
        spawn_local(async move {
            let outcome = panel.change(change).await;
            trouble.try_set(outcome.err().unwrap_or_default());
            busy.try_set(false);
        });
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
