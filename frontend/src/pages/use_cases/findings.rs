//! The findings of a use case, newest first, with the lateness and the mail of each route.

use domain::api::UseCaseView;
use domain::{Route, Timestamp};
use leptos::prelude::*;

use super::finding_rows::{FindingRow, Sighting, finding_rows};
use crate::components::route_label::RouteTag;
use crate::context::Page;
use crate::format::{duration, mail_words, time_of_day};
use crate::memo::Memo;
use crate::signals::{changing, flag};

const FIRST: usize = 10;

/// The state of a mail in words, and why it is not sent.
type MailWords = (&'static str, String);

/// A finding with the states of its mails.
type Line = (FindingRow, [MailWords; 3]);

/// The table; live findings are added at once.
#[component]
pub fn Findings(
    /// The use case's name in URLs.
    id: String,
    /// The use case.
    view: Memo<Option<UseCaseView>>,
) -> impl IntoView {
    let page = Page::here();
    let most = RwSignal::new(FIRST);
    let changes =
        Memo::new(move |_| page.state.with(|state| state.findings.alert_changes + state.findings.mail_changes));
    let lines = Memo::new(move |_| {
        changes.get();
        page.state.with_untracked(|state| {
            let words = |Sighting { alert, .. }| {
                (mail_words(state.findings.mail_state(alert)), state.findings.mail_trouble(alert))
            };
            let mail = |sighting: Option<Sighting>| sighting.map(words).unwrap_or_default();
            let line = |found: FindingRow| {
                let mails = found.sightings.map(mail);
                (found, mails)
            };
            view.with(|view| {
                let all = finding_rows(state.findings.alerts_of(&id).chain(view.iter().flat_map(|view| &view.results)));
                all.into_iter().map(line).collect::<Vec<Line>>()
            })
        })
    });
    // The whole table is drawn again; it has no controls.
    let rows = move || {
        let lines = lines.with(|lines| lines.iter().take(most.get()).cloned().collect::<Vec<_>>());
        if lines.is_empty() {
            return view! { <div class="empty"><p>"Nothing found yet."</p></div> }.into_any();
        }
        let heads = Route::ALL.map(|route| view! { <th scope="col"><RouteTag route/></th> }).collect_view();
        let rows = lines.into_iter().map(|line| row(line, page.offset_minutes)).collect_view();
        view! {
            <table>
                <thead><tr class="lane"><th scope="col" class="label"><span class="hidden">"Finding"</span></th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let no_more = move || lines.with(Vec::len) <= most.get();
    view! {
        <section class="results-of">
            <h3>"Latest results"</h3>
            <p class="hint">"How late each route found it, and its mail. A pattern counts from its last event, by the client’s clock. A missing event counts from the end of the wait that the condition demands, so that wait is not part of the lateness."</p>
            {changing(rows)}
            <button type="button" class="quiet more" hidden=flag(no_more) on:click=move |_| most.update(|most| *most *= 2)>"Show more"</button>
        </section>
    }
}

fn row((found, mails): Line, offset_minutes: i64) -> AnyView {
    let FindingRow { subject, who, activity, sightings, .. } = found;
    let cells = Route::ALL.into_iter().zip(mails).map(|(route, (mail, why))| {
        let late = sightings[route as usize].map(|sighting| duration(sighting.late_ms));
        view! {
            <td data-route=route.name() data-testid=format!("result-{route}") data-mail=mail>
                <span class="late figures">{late.unwrap_or_else(|| "–".to_owned())}</span>
                <span class="mail-state">{mail}</span>
                {(!why.is_empty()).then(|| view! { <span class="why">{why}</span> })}
            </td>
        }
    });
    let time = |at: Timestamp| view! { <time datetime=at.to_string() title=at.to_string()>{time_of_day(at, offset_minutes)}</time> };
    let took = duration(activity.ended.millis_since(activity.started));
    view! {
        <tr class="lane" data-testid="result">
            <th scope="row" class="label">
                <span class="what">{subject}</span>
                <span class="when figures">{who}" · "{took}</span>
                <span class="when figures">{time(activity.started)}" → "{time(activity.ended)}</span>
            </th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}
