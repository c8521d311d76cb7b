//! One fault: its numbers, its button, and the expectation for each route.

use std::collections::BTreeMap;

use domain::Route;
use domain::api::faults::{FaultDescription, FaultParameter, FaultRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fault_words::{bounds, name_and_unit, numbers, times};
use super::faults::Faults;
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::signals::{flag, text};

/// The typed numbers, by parameter.
type Typed = RwSignal<BTreeMap<String, String>>;

/// The fault.
#[component]
pub fn FaultCard(
    /// Its description.
    fault: FaultDescription,
    /// How long it lasts, if it ends by itself.
    seconds: RwSignal<Option<u32>>,
) -> impl IntoView {
    let (page, faults) = (Page::here(), Faults::here());
    let FaultDescription { kind, target, title, undo, parameters, expect } = fault;
    let (typed, busy, trouble) = (Typed::default(), RwSignal::new(false), RwSignal::new(String::new()));
    let all = faults.active();
    let same = (kind.clone(), target.clone());
    let active = Memo::new(move |_| {
        all.with(|all| all.iter().find(|fault| (&fault.kind, &fault.target) == (&same.0, &same.1)).cloned())
    });
    let is_active = flag(move || active.with(Option::is_some));
    let age = text(move || active.get().map(|fault| times(&fault, page.now.get())).unwrap_or_default());
    let fields = parameters.iter().map(|parameter| {
        let set = active.get_untracked().and_then(|fault| fault.parameters.get(&parameter.name).copied());
        if let Some(number) = set {
            typed.update(|typed| drop(typed.insert(parameter.name.clone(), number.to_string())));
        }
        view! { <Field id=format!("{kind}-{}", parameter.name) parameter=parameter.clone() typed is_active/> }
    });
    let fields = fields.collect_view();
    let request = FaultRequest { kind: kind.clone(), target, ..FaultRequest::default() };
    let toggle = move |_| {
        if busy.get_untracked() {
            return;
        }
        let started = active.get_untracked().map(|fault| fault.id);
        let numbers = match typed.with_untracked(|typed| numbers(&parameters, typed)) {
            Err(sentence) if started.is_none() => return trouble.set(sentence),
            numbers => numbers.unwrap_or_default(),
        };
        let request = FaultRequest { parameters: numbers, seconds: seconds.get_untracked(), ..request.clone() };
        busy.set(true);
        spawn_local(async move {
            let outcome = match started {
                Some(id) => faults.stop(id).await,
                None => faults.start(request).await,
            };
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
            <button type="button" class:primary=is_active data-testid=format!("toggle-{kind}") on:click=toggle>{words}</button>
            <p class="times figures" data-testid=format!("times-{kind}")>{age}</p>
            <p class="wrong" role="alert" id=format!("{kind}-wrong")>{trouble}</p>
            <dl>{expectations(expect.into_iter().collect())}</dl>
        </li>
    }
}

#[component]
fn Field(id: String, parameter: FaultParameter, typed: Typed, is_active: Signal<bool>) -> impl IntoView {
    let (words, unit) = name_and_unit(&parameter.name);
    let (hint, unit) = (format!("{id}-bounds"), unit.to_owned());
    let FaultParameter { name, default, .. } = parameter.clone();
    let (shown, range) = (name.clone(), bounds(&parameter));
    let invalid = move || typed.with(|typed| numbers(std::slice::from_ref(&parameter), typed).is_err());
    let value = move || typed.with(|typed| typed.get(&shown).cloned()).unwrap_or_else(|| default.to_string());
    view! {
        <div class="number">
            <label for=id.clone()>{words}</label>
            <input type="text" inputmode="numeric" autocomplete="off" id=id.clone() data-testid=id aria-describedby=hint.clone()
                aria-invalid=text(move || invalid().to_string()) prop:readOnly=is_active prop:value=text(value)
                on:input=move |event| typed.update(|typed| drop(typed.insert(name.clone(), event_target_value(&event))))/>
            <span class="unit" id=hint>{unit}<span class="hint">" ("{range}")"</span></span>
        </div>
    }
}

/// A line for each route, or one if all are alike.
fn expectations(expected: Vec<(Route, String)>) -> AnyView {
    let alike = expected.windows(2).all(|pair| pair[0].1 == pair[1].1);
    match expected.first() {
        Some((_, words)) if alike => view! { <dt>"All routes"</dt><dd>{words.clone()}</dd> }.into_any(),
        _ => {
            let line = |(route, words)| view! { <dt><RouteTag route/></dt><dd>{words}</dd> };
            expected.into_iter().map(line).collect_view().into_any()
        }
    }
}
