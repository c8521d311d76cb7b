//! A server that a service needs, such as its database: whether it answers, for refusals, `/readyz` and metrics.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::problem::Refusal;

/// When a client may try again.
const AGAIN: Duration = Duration::from_secs(1);

/// A server. The clones share its state.
#[derive(Clone, Debug)]
pub struct Dependency {
    name: &'static str,
    title: &'static str,
    /// Why it does not answer.
    trouble: Arc<watch::Sender<Option<String>>>,
}

impl Dependency {
    /// A server that is taken to answer: its `name` for programs, its `title` for people.
    pub fn new(name: &'static str, title: &'static str) -> Self {
        Self { name, title, trouble: Arc::default() }
    }

    /// Its name, as in problems and metrics.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its name, as in sentences.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Notes whether it answers; `trouble` is the reason if it does not.
    pub fn set(&self, trouble: Option<String>) {
        metrics::gauge!("ese_dependency_up", "dependency" => self.name).set(f64::from(u8::from(trouble.is_none())));
        self.trouble.send_if_modified(|known| {
            match (&*known, &trouble) {
                (None, Some(why)) => tracing::warn!(why, "{} is not available", self.title),
                (Some(_), None) => tracing::info!("{} is available again", self.title),
                _ => (),
            }
            let changed = *known != trouble;
            *known = trouble;
            changed
        });
    }

    /// Why it does not answer; none if it does.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
    }

    /// The reason and its changes.
    pub fn subscribe(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// Waits until it does not answer.
    pub async fn until_away(&self) {
        // It cannot fail: the sender lives as long as `self`.
        self.trouble.subscribe().wait_for(Option::is_some).await.ok();
    }

    /// 503 with its name.
    pub fn unavailable(&self) -> Refusal {
        self.refusal(format!("{} is not available, and this request needs it; try again.", self.title))
    }

    /// 503 with its name: its disk has no room.
    pub fn full(&self) -> Refusal {
        self.refusal(format!("The disk of {} is full, and this request needs room on it; try again.", self.title))
    }

    fn refusal(&self, detail: String) -> Refusal {
        Refusal { dependency: Some(self.name), ..Refusal::unavailable(detail, AGAIN) }
    }
}

/// A server and the work that needs it.
#[derive(Clone, Debug)]
pub struct Need {
    /// The server.
    pub server: Dependency,
    /// The part of the service that needs it; none if it is the whole service.
    pub only_for: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_when_the_server_is_away() {
        let server = Dependency::new("postgres", "PostgreSQL");
        server.set(None);
        let waiting = tokio::spawn({
            let server = server.clone();
            async move { server.until_away().await }
        });
        server.set(Some("no answer".to_owned()));
        waiting.await.unwrap();
        assert_eq!(server.trouble().as_deref(), Some("no answer"));
        server.set(None);
        assert_eq!(server.trouble(), None);
    }
}
