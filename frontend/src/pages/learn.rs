//! Learn: eight lessons. Each has an address of its own, and an experiment that runs right there.

pub mod experiment;
pub mod experiment_result;
pub mod lesson;
pub mod lessons;
pub mod own_clicks;
pub mod progress;

use leptos::prelude::*;

use crate::address::{Address, Link};
use crate::signals::{changing, flag, text};
use lesson::OneLesson;
use lessons::{LESSONS, find};
use progress::Progress;

/// The page: the list of the lessons, or the one that the address names.
#[component]
pub fn Learn() -> impl IntoView {
    let chosen = Address::here().rest();
    let progress = Progress::provide();
    changing(move || {
        let name = chosen.get();
        match find(&name) {
            Some((number, lesson)) => view! { <OneLesson number lesson/> }.into_any(),
            None if name.is_empty() => view! { <Lessons progress/> }.into_any(),
            None => view! {
                <div class="sheet">
                    <h1>"There is no such lesson"</h1>
                    <p class="lead"><Link href="/learn" exact=true>"All lessons"</Link></p>
                </div>
            }
            .into_any(),
        }
    })
}

#[component]
fn Lessons(progress: Progress) -> impl IntoView {
    let done = text(move || match progress.done() {
        0 => "Each is short and stands alone; in this order they show why there is Kafka.".to_owned(),
        done => format!("{done} of {} are done.", LESSONS.len()),
    });
    let items = (1_usize..).zip(&LESSONS).map(|(number, lesson)| {
        let not_done = flag(move || !progress.has(lesson.name));
        view! {
            <li data-testid=format!("lesson-{}", lesson.name)>
                <div class="picture" inner_html=lesson.picture.small></div>
                <h2><Link href=format!("/learn/{}", lesson.name)>{format!("{number}. {}", lesson.title)}</Link></h2>
                <p>{lesson.question}</p>
                <p class="done" hidden=not_done><span aria-hidden="true">"✓ "</span>"done"</p>
            </li>
        }
    });
    view! {
        <div class="sheet lessons">
            <header class="answer">
                <h1>"Plain HTTP, or Kafka? Eight experiments"</h1>
                <p class="lead" role="status">{done}</p>
            </header>
            <ol role="list">{items.collect_view()}</ol>
        </div>
    }
}
