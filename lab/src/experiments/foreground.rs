//! A long experiment in a terminal: a progress line, and Ctrl-C.

use std::time::Duration;

use runtime::service::stop_signal;
use tokio_util::sync::CancellationToken;

use crate::terminal;

/// The exit code after a second Ctrl-C, as a shell counts it.
pub(crate) const EXIT_INTERRUPTED: u8 = 130;
/// The time between two updates of the progress line.
const SHOW_EVERY: Duration = Duration::from_millis(500);

/// Does `work` while it shows its progress. The first Ctrl-C cancels `stop`, the second ends everything: then there is no
/// result.
pub(super) async fn run<T>(
    work: impl Future<Output = T>,
    stop: &CancellationToken,
    progress: impl Fn() -> String,
) -> Option<T> {
    let interrupted = async {
        stop_signal().await;
        stop.cancel();
        stop_signal().await;
    };
    let shown = async {
        loop {
            terminal::progress(&progress());
            tokio::time::sleep(SHOW_EVERY).await;
        }
    };
    let result = tokio::select! {
        result = work => Some(result),
        () = interrupted => None,
        () = shown => None,
    };
    terminal::progress("");
    result
}
