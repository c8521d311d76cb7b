//! The lessons that this visitor has done, kept in the browser.

use leptos::prelude::*;

/// The key in the browser's storage: the names, with commas.
const KEY: &str = "ese-lessons";

/// The progress; copies share it.
#[derive(Clone, Copy)]
pub struct Progress(RwSignal<Vec<String>>);

impl Progress {
    /// Reads it, for this component and those below it.
    pub fn provide() -> Self {
        let names = stored().unwrap_or_default();
        let progress =
            Self(RwSignal::new(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()));
        provide_context(progress);
        progress
    }

    /// That of the page.
    pub fn here() -> Self {
        expect_context()
    }

    /// Whether this lesson is done.
    pub fn has(self, name: &str) -> bool {
        self.0.with(|names| names.iter().any(|known| known == name))
    }

    /// How many lessons are done.
    pub fn done(self) -> usize {
        self.0.with(Vec::len)
    }

    /// Notes that a lesson is done. A browser that stores nothing forgets it with the page.
    pub fn add(self, name: &str) {
        if self.0.with_untracked(|names| names.iter().any(|known| known == name)) {
            return;
        }
        self.0.update(|names| names.push(name.to_owned()));
        let names = self.0.with_untracked(|names| names.join(","));
        if let Ok(Some(storage)) = window().local_storage() {
            storage.set_item(KEY, &names).ok();
        }
    }
}

fn stored() -> Option<String> {
    window().local_storage().ok()??.get_item(KEY).ok()?
}
