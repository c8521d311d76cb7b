//! Who may use which operation: the security schemes, and what they add to the operations.

use serde_json::{Map, Value, json};

use super::elements::{Paths, refused};

/// Who an operation is for.
enum For {
    Senders,
    Lookers,
    Peers,
    All,
}

impl For {
    fn operation(path: &str, method: &str) -> Self {
        match (path, method) {
            ("/api/events" | "/event" | "/events" | "/api/sessions/{session}/report", "post") => Self::Senders,
            _ if path.starts_with("/topics/") => Self::Senders,
            ("/api/deliveries", _) | ("/api/mails", "post") => Self::Peers,
            ("/api/openapi.json" | "/api/docs" | "/api/login", _) => Self::All,
            ("/events", _) => Self::Lookers,
            _ if path.starts_with("/api/") => Self::Lookers,
            _ => Self::All,
        }
    }

    /// The schemes, each of which is enough, and the answers that they add.
    fn needs(&self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Senders => (&["writeKey", "writeKeyInQuery", "adminToken", "adminCookie"], &["401", "403", "429"]),
            Self::Lookers => (&["adminToken", "adminCookie", "peerToken"], &["401"]),
            Self::Peers => (&["peerToken"], &["401"]),
            Self::All => (&[], &[]),
        }
    }
}

/// The schemes.
pub(super) fn schemes() -> Value {
    let bearer = |description: &str| json!({"type": "http", "scheme": "bearer", "description": description});
    json!({
        "writeKey": bearer("A key of `ese key add`, where the service has --keys-file: for sending alone, within the key's limits, \
            and for pages of the key's origins."),
        "writeKeyInQuery": {"type": "apiKey", "in": "query", "name": "key", "description": "The same, for `navigator.sendBeacon`."},
        "adminToken": bearer("The text of --admin-token-file, where the service has one."),
        "adminCookie": {"type": "apiKey", "in": "cookie", "name": "ese_admin", "description": "The cookie of POST /api/login, for pages."},
        "peerToken": bearer("The text of --peer-token-file: backend, consumer and mailer among themselves.")
    })
}

/// `/api/login`.
pub(super) fn paths() -> Paths {
    let operation = |name: &str, summary: &str, done: &str, security: Value| {
        json!({
            "operationId": name, "tags": ["parts"], "summary": summary, "security": security,
            "responses": {"204": {"description": done}, "401": refused()}
        })
    };
    let either = json!([{}, {"adminToken": []}, {"adminCookie": []}, {"peerToken": []}]);
    let look = operation("signedIn", "Whether this client may look", "It may", either);
    let sign_in = "Exchanges the admin token for a cookie that lasts 12 hours and that no script can read";
    let post =
        operation("signIn", sign_in, "The cookie is set, where there is a token", json!([{}, {"adminToken": []}]));
    vec![("/api/login".into(), json!({"get": look, "post": post}))]
}

/// Adds to each operation what it needs. Without the files of keys and tokens it needs nothing.
pub(super) fn secure(paths: &mut Map<String, Value>) {
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let (schemes, answers) = For::operation(path, method).needs();
            if schemes.is_empty() {
                continue;
            }
            let each = schemes.iter().map(|scheme| json!({*scheme: []}));
            operation["security"] = std::iter::once(json!({})).chain(each).collect();
            for status in answers {
                let other = operation["responses"].get("404").filter(|_| path.starts_with("/topics/"));
                let answer = other.cloned().map_or_else(refused, |mut answer| {
                    answer["description"] = "The key is not valid here, not for this origin, or over its limit".into();
                    answer
                });
                if operation["responses"].get(*status).is_none() {
                    operation["responses"][*status] = answer;
                }
            }
        }
    }
}
