//! The guarantee of each route: the choice, and what to expect of it.

use domain::{Guarantee, Route};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::live_state::LiveState;
use crate::api::guarantee as api;
use crate::components::fold::Fold;
use crate::components::route_label::RouteTag;
use crate::signals::{flag, text};

/// The guarantees; they can be changed where faults can be started.
#[component]
pub fn Guarantees() -> impl IntoView {
    let (live, trouble) = (LiveState::here(), RwSignal::new(String::new()));
    let missing = flag(move || live.measured.with(|measured| measured.guarantees.is_none()));
    let choices = Route::ALL.map(|route| view! { <Choice route trouble/> }).collect_view();
    view! {
        <div data-testid="guarantees" hidden=missing>
            <Fold heading="Guarantees">
                <p class="hint">"How often an accepted event has its effects. Choose a weaker one, kill a part while events flow, and the ledger shows it: lost here, doubled there, neither. Restore everything ends faults; a guarantee stays as it was chosen."</p>
                <div class="three">{choices}</div>
                <p class="wrong" role="alert">{text(move || trouble.get())}</p>
            </Fold>
        </div>
    }
}

#[component]
fn Choice(route: Route, trouble: RwSignal<String>) -> impl IntoView {
    let live = LiveState::here();
    let present = move || live.measured.with(|measured| measured.guarantee(route));
    let change = move |event| {
        let Ok(wanted) = event_target_value(&event).parse::<Guarantee>() else { return };
        let token =
            live.measured.with_untracked(|measured| measured.faults.as_ref().map(|faults| faults.token.clone()));
        spawn_local(async move {
            match api::change(&token.unwrap_or_default(), &[(route, wanted)].into()).await {
                Ok(changed) => {
                    live.measured.try_update(|measured| measured.guarantees = Some(changed));
                    trouble.try_set(String::new());
                }
                Err(reason) => {
                    trouble.try_set(reason);
                    // The choice goes back to the guarantee in effect.
                    live.measured.try_update(|_| ());
                }
            }
        });
    };
    let fixed = flag(move || live.measured.with(|measured| measured.faults.is_none()));
    let options = Guarantee::ALL.map(|guarantee| view! { <option value=guarantee.name()>{words(guarantee)}</option> });
    view! {
        <div class="guarantee" data-route=route.name() data-weaker=text(move || (present() != Guarantee::default()).to_string())>
            <label>
                <RouteTag route/>
                <select data-testid=format!("guarantee-{route}") disabled=fixed prop:value=text(move || present().name().to_owned()) on:change=change>
                    {options.collect_view()}
                </select>
            </label>
            <p data-testid=format!("expect-{route}")>{text(move || present().expectation().to_owned())}</p>
        </div>
    }
}

const fn words(guarantee: Guarantee) -> &'static str {
    match guarantee {
        Guarantee::AtMostOnce => "at most once",
        Guarantee::AtLeastOnce => "at least once",
        Guarantee::EffectivelyOnce => "effectively once",
    }
}
