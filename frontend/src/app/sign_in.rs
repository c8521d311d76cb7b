//! The sign-in form, where the stack asks for its admin token.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::login;
use crate::context::Page;
use crate::memo::Memo;
use crate::poll::attempt;
use crate::signals::{changing, text};

/// The form; nothing where this browser may look.
#[component]
pub fn SignIn() -> impl IntoView {
    let page = Page::here();
    let needed = RwSignal::new(false);
    // A sign-in ends after a while; then the live stream breaks.
    let silent = Memo::new(move |_| page.state.with(|state| state.feed.name(page.now.get()) != "live"));
    Effect::new(move || {
        if silent.get() {
            spawn_local(async move { _ = needed.try_set(login::is_needed().await) });
        }
    });
    let (token, busy, trouble) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(String::new()));
    let sign_in = move || {
        attempt(busy, trouble, async move {
            login::sign_in(token.get_untracked()).await?;
            // Every request starts again, now with the cookie.
            window().location().reload().map_err(|_| "Load this page again.".to_owned())
        });
    };
    let form = move || {
        needed.get().then(|| view! {
            <form class="trouble" aria-label="Sign in" data-testid="sign-in"
                on:submit=move |event| { event.prevent_default(); sign_in() }>
                <p><strong>"Sign in to look."</strong>" This stack asks for its admin token. "<span role="status">{text(move || trouble.get())}</span></p>
                <label>"Admin token "
                    <input type="password" autocomplete="current-password" required=true
                        on:input=move |event| token.set(event_target_value(&event))/>
                </label>
                <button type="submit" class="primary">"Sign in"</button>
            </form>
        })
    };
    view! { <div class="troubles">{changing(form)}</div> }
}
