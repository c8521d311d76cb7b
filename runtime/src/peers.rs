//! The secret that the services share: internal addresses accept requests only from its holders.
//!
//! The first service to start creates it, in a file that only its user may read. The others read that file.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::MethodRouter;

use crate::problem::Refusal;
use crate::secret::Token;

/// The option for the shared secret.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PeerConfig {
    /// File with the secret that backend, consumer and mailer share, created by the first of them; without it every client that reaches a port is treated as one of them
    #[arg(long, env = "ESE_PEER_TOKEN_FILE", value_name = "FILE")]
    pub peer_token_file: Option<PathBuf>,
}

/// The secret, or none where the network protects the services.
#[derive(Clone, Debug, Default)]
pub struct PeerToken(Option<Arc<Token>>);

impl PeerConfig {
    /// The flag of the secret, and whether it is given.
    pub fn secret(&self) -> (&'static str, bool) {
        ("--peer-token-file", self.peer_token_file.is_some())
    }
}

impl PeerToken {
    /// Reads the secret; creates it if there is no file.
    pub fn load(config: &PeerConfig) -> anyhow::Result<Self> {
        let Some(path) = &config.peer_token_file else { return Ok(Self(None)) };
        Ok(Self(Some(Arc::new(Token::load(path, "peers' token")?))))
    }

    /// The headers of every request to a peer: `authorization`, or none without a secret.
    pub fn headers(&self) -> HeaderMap {
        self.0.as_ref().map(|token| token.headers()).unwrap_or_default()
    }

    /// Whether the request comes from a holder of the secret; never without one.
    pub(crate) fn is_given(&self, headers: &HeaderMap) -> bool {
        self.0.as_ref().is_some_and(|token| token.is_in(headers))
    }

    /// Refuses a request that does not come from a peer, with 401.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if self.0.is_none() || self.is_given(headers) {
            return Ok(());
        }
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "Only the services themselves may use this address."))
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

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert_eq!(format!("{first:?}"), "PeerToken(Some(Token))");
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
