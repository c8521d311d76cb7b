//! A store of an earlier version opens, and all that it holds is still read.
//!
//! A dump is never changed: it fails here where a migration is edited that a version already had. Each version adds its own.

use runtime::testing::restore_sqlite;
use serde_json::{Value, json};

use crate::support::{Backend, event, reply};

/// Each version and its database.
const DUMPS: [(&str, &str); 1] = [("0.1.0", include_str!("upgrade/0.1.0.sql"))];

#[tokio::test]
async fn the_events_of_earlier_versions_are_read_and_positions_go_on() {
    for (version, dump) in DUMPS {
        let directory = tempfile::tempdir().unwrap();
        restore_sqlite(&directory.path().join("store.db"), dump).await;
        let backend = Backend::start_in(directory, &[]).await;
        let page = backend.page(0, 0).await;
        assert_eq!((page.head, page.expired), (4, 1), "{version}");
        let read: Vec<_> = page.events.iter().map(|stored| (stored.position, stored.event.sequence)).collect();
        assert_eq!(read, [(2, Some(2)), (3, Some(3)), (4, Some(4))], "{version}");
        assert_eq!(page.events[2].event.data.value(), json!({"order": "it's A-1"}), "{version}");
        let listed: Value = backend.get("/events").await.json().await.unwrap();
        assert_eq!(listed[0]["event_logs"].as_array().unwrap().len(), 3, "{version}: {listed}");

        reply(backend.post("http-poll", &[event(5)]).await).await;
        let page = backend.page(4, 0).await;
        assert_eq!(page.events.iter().map(|stored| stored.position).collect::<Vec<_>>(), [5], "{version}");
    }
}
