//! A small file that a process follows: it is read at the start, and again whenever it changes.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The time between two looks at a file.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Passes the text of the file to `changed` as long as the process lives; a missing file has an empty text.
///
/// The first call comes before this returns. An error of `changed` is logged.
pub(crate) fn follow(file: PathBuf, mut changed: impl FnMut(&str) -> Result<(), Box<dyn Error>> + Send + 'static) {
    let look = move |text: Result<&str, &str>| changed(text.unwrap_or_default());
    if let Err(error) = follow_or_fail(file.clone(), look) {
        log(&file, &*error);
    }
}

/// The same for a file that must be there: `changed` gets the reason why it cannot be read. An error of the first call is
/// returned.
pub(crate) fn follow_or_fail(
    file: PathBuf,
    mut changed: impl FnMut(Result<&str, &str>) -> Result<(), Box<dyn Error>> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let read = |file: &Path| fs::read_to_string(file).map_err(|why| format!("it cannot be read ({why})"));
    let mut pass = move |text: &Result<String, String>| changed(text.as_deref().map(str::trim).map_err(String::as_str));
    let mut text = read(&file);
    let first = pass(&text);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let found = read(&file);
            if found != text {
                text = found;
                if let Err(error) = pass(&text) {
                    log(&file, &*error);
                }
            }
        }
    });
    first
}

fn log(file: &Path, error: &dyn Error) {
    tracing::error!(%error, file = %file.display(), "the file has an error; its last good version stays in force");
}
