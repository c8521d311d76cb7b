//! A small file that a process follows: it is read at the start, and again whenever it changes.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

/// The time between two looks at a file.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Passes the text of the file to `changed` as long as the process lives; a missing file has an empty text.
///
/// The first call comes before this returns. An error of `changed` is logged.
pub(crate) fn follow(file: PathBuf, mut changed: impl FnMut(&str) -> Result<(), Box<dyn Error>> + Send + 'static) {
    let mut text = String::new();
    let mut look = move |first: bool| {
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        if found != text || first {
            text = found;
            if let Err(error) = changed(text.trim()) {
                tracing::error!(%error, file = %file.display(), "the file has an error; nothing changes");
            }
        }
    };
    look(true);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            look(false);
        }
    });
}
