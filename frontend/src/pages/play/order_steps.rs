//! The steps of an order, as four buttons.

use leptos::prelude::*;

use super::order::{Order, STEPS, Step};
use crate::context::Page;
use crate::signals::text;

/// The section.
#[component]
pub fn OrderSteps() -> impl IntoView {
    let order = Page::here().order;
    let steps = STEPS.map(|step| view! { <StepButton order step/> }).collect_view();
    let hint = move || {
        order.with(|order| match (order.odd, order.next()) {
            (Some(odd), _) => format!("{} came out of order; it is sent all the same.", odd.label()),
            (None, None) => "The order is complete. Reset makes a new one.".to_owned(),
            (None, Some(next)) => format!("Next in order: {}. Any other works, too.", next.label()),
        })
    };
    view! {
        <section class="panel" aria-labelledby="order-title">
            <div class="title">
                <h2 id="order-title">"Order "<span class="mono">{text(move || order.with(|order| order.name.clone()))}</span></h2>
                <button type="button" class="quiet" data-testid="order-reset"
                    on:click=move |_| order.set(Order::new(js_sys::Math::random()))>"Reset"</button>
            </div>
            <ol class="steps" role="list">{steps}</ol>
            <p class="hint" role="status">{text(hint)}</p>
        </section>
    }
}

#[component]
fn StepButton(order: RwSignal<Order>, step: Step) -> impl IntoView {
    let page = Page::here();
    let take = move |_| {
        let data = order.try_update(|order| order.take(step)).unwrap_or_default();
        page.emit(step.kind(), data);
    };
    let state = move || {
        order.with(|order| match (order.taken(step), order.next() == Some(step)) {
            (0, true) => "next",
            (0, false) => "open",
            (_, _) => "taken",
        })
    };
    let times = move || {
        let times = order.with(|order| order.taken(step));
        if times > 1 { format!(" ×{times}") } else { String::new() }
    };
    view! {
        <li>
            <button type="button" data-testid=format!("order-{}", step.label().to_ascii_lowercase()) data-state=text(move || state().to_owned()) on:click=take>
                <span class="node" aria-hidden="true"></span>
                <span>{step.label()}{text(times)}</span>
                <span class="hidden">{text(move || if state() == "taken" { " (done)".to_owned() } else { String::new() })}</span>
            </button>
        </li>
    }
}
