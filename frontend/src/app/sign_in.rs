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
        needed.get().then(|| {
            view! {
                <form class="sign-in" aria-labelledby="sign-in" data-testid="sign-in"
                    on:submit=move |event| { event.prevent_default(); sign_in() }>
                    <h2 id="sign-in">"Sign in"</h2>
                    <p class="hint">
                        "This stack shows its events, and takes events from this page, only with its admin token. "
                        "The token is in the file that "<code>"--admin-token-file"</code>" names."
                    </p>
                    <label for="admin-token">"Admin token"</label>
                    <input id="admin-token" type="password" autocomplete="current-password" required=true
                        on:input=move |event| token.set(event_target_value(&event))/>
                    <p class="wrong" role="status">{text(move || trouble.get())}</p>
                    <button type="submit" class="primary">"Sign in"</button>
                </form>
            }
        })
    };
    changing(form)
}
