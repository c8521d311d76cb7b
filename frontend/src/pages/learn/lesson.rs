//! A lesson: its text, its picture, its experiment, and the ways to the others.

use leptos::prelude::*;

use super::experiment::Experiment;
use super::lessons::{LESSONS, Lesson};
use crate::address::Link;

/// The lesson with this number, from 1.
#[component]
pub fn OneLesson(
    /// Its number, from 1.
    number: usize,
    /// The lesson.
    lesson: &'static Lesson,
) -> impl IntoView {
    let way = |number: usize, words: &str| {
        let other = LESSONS.get(number.checked_sub(1)?)?;
        let text = format!("{words}: {}", other.title);
        Some(view! { <Link href=format!("/learn/{}", other.name)>{text}</Link> })
    };
    let paragraphs = lesson.text.iter().map(|text| view! { <p>{*text}</p> }).collect_view();
    let sources = lesson.sources.iter().map(|(title, address)| {
        view! { <li><a href=*address rel="noopener" target="_blank">{*title}</a></li> }
    });
    let sources = (!lesson.sources.is_empty()).then(|| {
        view! { <footer class="hint"><h2>"Sources"</h2><ul>{sources.collect_view()}</ul></footer> }
    });
    view! {
        <article class="sheet lesson" data-testid="lesson">
            <p class="up"><Link href="/learn" exact=true>"All lessons"</Link></p>
            <h1><span class="number figures">{number}</span>{lesson.title}</h1>
            <div class="picture" role="img" aria-label=lesson.picture.text>
                <div class="wide" inner_html=lesson.picture.wide></div>
                <div class="narrow" inner_html=lesson.picture.narrow></div>
            </div>
            <div class="text">{paragraphs}</div>
            <Experiment lesson/>
            {sources}
            <nav aria-label="Lessons" class="ways">{way(number - 1, "Before")}{way(number + 1, "Next")}</nav>
        </article>
    }
}
