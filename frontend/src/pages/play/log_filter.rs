//! The rows of the log that are shown: whose, how many, and whether they hold still.

use leptos::prelude::*;

use crate::components::keyed_rows::Key;
use crate::context::Page;
use crate::memo::Memo;

const FIRST: usize = 60;
const MOST: usize = 500;

/// The choice of the rows; copies share it.
#[derive(Clone, Copy)]
pub struct LogFilter {
    /// Whether only events of this page are shown.
    pub mine: RwSignal<bool>,
    /// Whether the rows hold still.
    pub still: RwSignal<bool>,
    most: RwSignal<usize>,
    /// The rows, newest first.
    pub rows: Memo<Vec<Key>>,
}

impl LogFilter {
    /// The newest rows of this page, at first.
    pub fn start() -> Self {
        let page = Page::here();
        let (mine, most, still) = (RwSignal::new(true), RwSignal::new(FIRST), RwSignal::new(false));
        let rows = Memo::new(move |before: Option<&Vec<Key>>| match before {
            Some(before) if still.get() => before.clone(),
            _ => {
                let newest = page.state.with(|state| state.log.newest(mine.get(), most.get()));
                newest.into_iter().map(|id| (id, None)).collect()
            }
        });
        Self { mine, still, most, rows }
    }

    /// Whether more rows can be shown.
    pub fn has_more(self) -> bool {
        self.rows.with(|rows| rows.len() >= self.most.get() && self.most.get() < MOST)
    }

    /// Shows more rows.
    pub fn show_more(self) {
        self.most.update(|most| *most = (*most * 2).min(MOST));
    }
}
