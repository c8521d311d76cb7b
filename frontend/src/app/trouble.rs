//! The lines of trouble below the header: each with its effect and the time of the next try.

use leptos::prelude::*;

use crate::address::{Address, parts};
use crate::app::trouble_lines::{Severity, TroubleLine};
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::memo::Memo;
use crate::signals::{changing, text};

/// All lines of trouble.
#[component]
pub fn Troubles() -> impl IntoView {
    let (page, address) = (Page::here(), Address::here());
    let lines = Memo::new(move |_| page.state.with(|state| state.trouble_lines(page.now.get())));
    // Only headlines are announced: details change with each event and each second.
    let headlines = Memo::new(move |_| {
        lines.with(|lines| lines.iter().map(|line| line.headline.as_str()).collect::<Vec<_>>().join(" "))
    });
    // The headline of Live is about one part that is down; a line would repeat it.
    let said = Memo::new(move |_| match parts(&address.path()) {
        ("live", "") => page.state.with(|state| state.part_down(page.now.get())),
        _ => "",
    });
    let shown = move || {
        let said = said.get();
        let others = lines.get().into_iter().filter(|line| line.part.is_empty() || line.part != said);
        others.map(|line| view! { <Trouble line/> }).collect_view()
    };
    view! {
        <div class="troubles" role="region" aria-label="Trouble">
            <p class="hidden" role="status">{headlines.signal()}</p>
            {changing(shown)}
        </div>
    }
}

#[component]
fn Trouble(line: TroubleLine) -> impl IntoView {
    let page = Page::here();
    let severity = match line.severity {
        Severity::Waiting => "waiting",
        Severity::Down => "down",
    };
    // Trouble of all three routes is not about a route.
    let routes = line.routes.iter().filter(|_| line.routes.len() < 3).map(|&route| view! { <RouteTag route/> });
    let routes = routes.collect_view();
    let countdown = move |at: domain::Timestamp| {
        let seconds = (at.millis_since(page.now.get()) / 1000.0).ceil() as i64;
        if seconds > 0 { format!("Next try in {seconds} s.") } else { "Trying now.".to_owned() }
    };
    let again = line.again_at.map(|at| {
        view! {
            <span class="figures muted" aria-hidden="true">{text(move || countdown(at))}</span>
            <button type="button" class="quiet" on:click=move |_| page.send_now()>"Try now"</button>
        }
    });
    view! {
        <div class="trouble" data-testid="trouble" data-severity=severity>
            {routes}
            <p><strong>{line.headline}</strong>" "{line.detail}</p>
            {again}
        </div>
    }
}
