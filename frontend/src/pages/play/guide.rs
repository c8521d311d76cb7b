//! The guide: four steps that tick themselves off, and one line once they are done.

use leptos::prelude::*;

use super::guide_progress::GuideStep;
use super::stop_consumer::StopConsumer;
use crate::address::Link;
use crate::context::Page;
use crate::memo::Memo;
use crate::signals::{changing, flag, text};

/// The guide; nothing once it is dismissed.
#[component]
pub fn GuideSteps() -> impl IntoView {
    let guide = Page::here().guide;
    let form = Memo::new(move |_| guide.progress().form());
    changing(move || match form.get() {
        "dismissed" => ().into_any(),
        "done" => view! {
            <div class="guide title" data-testid="guide"><p>"All four steps are done."</p><Dismiss/></div>
        }
        .into_any(),
        _ => view! { <Steps/> }.into_any(),
    })
}

#[component]
fn Steps() -> impl IntoView {
    let guide = Page::here().guide;
    let count = text(move || format!("{} of {} done in this tab", guide.progress().count(), GuideStep::ALL.len()));
    view! {
        <section class="guide" aria-labelledby="guide-title" data-testid="guide">
            <div class="title">
                <h2 id="guide-title">"Four steps"</h2>
                <p class="hint" role="status">{count}</p>
                <Dismiss/>
            </div>
            <ol role="list">
                <Step step=GuideStep::Click><b>"Click me"</b>", and watch one event take three ways."</Step>
                <Step step=GuideStep::PressF><b>"Press F three times, fast"</b>": a rule finds it, and a mail follows."</Step>
                <Step step=GuideStep::StopConsumer>
                    <b>"Stop the consumer"</b>", then click: which routes keep the event?"<StopConsumer/>
                </Step>
                <Step step=GuideStep::ReadVerdict><Link href="/compare">"Read the verdict"</Link>": which route is better when."</Step>
            </ol>
        </section>
    }
}

#[component]
fn Step(step: GuideStep, children: Children) -> impl IntoView {
    let guide = Page::here().guide;
    let done = flag(move || guide.progress().has(step));
    let number = step as usize + 1;
    let tick = text(move || if done.get() { "✓".to_owned() } else { number.to_string() });
    let done_in_words = text(move || if done.get() { " (done)".to_owned() } else { String::new() });
    view! {
        <li data-testid=format!("step-{}", step.name()) data-done=text(move || done.get().to_string())>
            <span class="tick figures" aria-hidden="true">{tick}</span>
            <div>{children()}<span class="hidden">{done_in_words}</span></div>
        </li>
    }
}

#[component]
fn Dismiss() -> impl IntoView {
    let guide = Page::here().guide;
    view! {
        <button type="button" class="quiet" data-testid="dismiss-guide" aria-label="Dismiss the steps" on:click=move |_| guide.dismiss()>"×"</button>
    }
}
