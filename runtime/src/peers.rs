//! The secret that the services share: internal addresses accept requests only from its holders.
//!
//! The first service to start creates it, in a file that only its user may read. The others read that file.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::MethodRouter;
use rand::RngExt;
use sha2::{Digest, Sha256};

use crate::problem::Refusal;

/// The option for the shared secret.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PeerConfig {
    /// File with the secret that backend, consumer and mailer share, created by the first of them; without it every client that reaches a port is treated as one of them
    #[arg(long, env = "ESE_PEER_TOKEN_FILE", value_name = "FILE")]
    pub peer_token_file: Option<PathBuf>,
}

/// The secret, or none where the network protects the services.
#[derive(Clone, Default)]
pub struct PeerToken(Option<Arc<str>>);

impl PeerToken {
    /// Reads the secret; creates it if there is no file.
    pub fn load(config: &PeerConfig) -> anyhow::Result<Self> {
        let Some(path) = &config.peer_token_file else { return Ok(Self(None)) };
        let read = || fs::read_to_string(path);
        let text = match read() {
            Err(error) if error.kind() == ErrorKind::NotFound => create(path).and_then(|()| read()),
            read => read,
        };
        let text = text.with_context(|| format!("cannot read or create the peers' token in {}", path.display()))?;
        let token = text.trim();
        anyhow::ensure!(token.len() >= 32, "the peers' token in {} has fewer than 32 characters", path.display());
        Ok(Self(Some(token.into())))
    }

    /// The headers of every request to a peer: `authorization`, or none without a secret.
    pub fn headers(&self) -> HeaderMap {
        let bearer = self.0.as_ref().and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok());
        let mut headers = HeaderMap::new();
        if let Some(mut value) = bearer {
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        headers
    }

    /// Refuses a request that does not come from a peer, with 401.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(token) = &self.0 else { return Ok(()) };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        // Digests are compared, so that the time of the comparison does not depend on the secret.
        let same = given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token.as_bytes()));
        if same {
            return Ok(());
        }
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "Only the services themselves may use this address."))
    }

    /// Logs a warning if other machines can reach `listen` without a secret.
    pub fn warn_if_open(&self, listen: SocketAddr) {
        if self.0.is_none() && !listen.ip().to_canonical().is_loopback() {
            tracing::warn!(%listen, "every client that reaches this address is treated as a peer; --peer-token-file prevents it");
        }
    }
}

/// Restricts a route to peers and to one content type; any other request is refused unread.
pub fn peers_only<S>(route: MethodRouter<S>, token: PeerToken, media_type: &'static str) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    route.route_layer(middleware::from_fn_with_state((token, media_type), admit))
}

/// Whether the body is of this content type; parameters are ignored.
pub fn is_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
}

async fn admit(
    State((token, media_type)): State<(PeerToken, &'static str)>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let headers = request.headers();
    if !is_media_type(headers, media_type) {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("Send the body as {media_type}.")));
    }
    token.check(headers)?;
    Ok(next.run(request).await)
}

/// Never shows the secret.
impl std::fmt::Debug for PeerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "PeerToken(secret)" } else { "PeerToken(none)" })
    }
}

/// Writes a new secret beside the file and links it into place, so that another service finds a complete one or none.
fn create(path: &Path) -> std::io::Result<()> {
    let token: [u8; 32] = rand::rng().random();
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    // Not the process id: every service in a container of its own is process 1.
    let draft = path.with_extension(format!("{:016x}.draft", rand::rng().random::<u64>()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(token.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_service_creates_the_secret_and_only_its_holders_pass() {
        let directory = tempfile::tempdir().unwrap();
        let config = PeerConfig { peer_token_file: Some(directory.path().join("peer-token")) };
        let (first, second) = (PeerToken::load(&config).unwrap(), PeerToken::load(&config).unwrap());
        let mut headers = HeaderMap::new();
        assert_eq!(first.check(&headers).unwrap_err().status, 401);
        first.check(&second.headers()).unwrap();
        headers.insert(header::AUTHORIZATION, "Bearer guess".parse().unwrap());
        assert_eq!(first.check(&headers).unwrap_err().status, 401);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
        assert_eq!(format!("{first:?}"), "PeerToken(secret)");
    }

    #[test]
    fn services_that_start_at_the_same_time_share_one_secret() {
        for _ in 0..50 {
            let directory = tempfile::tempdir().unwrap();
            let config = PeerConfig { peer_token_file: Some(directory.path().join("peer-token")) };
            let starts: Vec<_> = (0..8)
                .map(|_| {
                    std::thread::spawn({
                        let config = config.clone();
                        move || PeerToken::load(&config).unwrap().headers()
                    })
                })
                .collect();
            let headers: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
            assert!(headers.iter().all(|one| *one == headers[0]), "{headers:?}");
        }
    }

    #[test]
    fn without_a_file_every_request_passes_and_no_header_is_sent() {
        let none = PeerToken::load(&PeerConfig::default()).unwrap();
        none.check(&HeaderMap::new()).unwrap();
        assert!(none.headers().is_empty());
    }
}
