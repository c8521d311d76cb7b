//! The admin token: its holder may read what others have sent, and change settings.
//!
//! A program gives it as `Authorization: Bearer`. A page cannot set headers on a live stream, so it exchanges the token at
//! `POST /api/login` for a cookie that scripts cannot read and that no other site's page can make a browser send. The cookie
//! holds its end and a signature by the token: every service with the same token accepts it, and a new token ends it.
//! The token is never taken from an address, because addresses are logged.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock;
use crate::peers::PeerToken;
use crate::problem::Refusal;
use crate::secret::{self, Token};

/// The name of the cookie.
const COOKIE: &str = "ese_admin";
/// How long it lasts, in seconds.
const LASTS: i64 = 12 * 60 * 60;

/// The options for a listener that other machines reach.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AdminConfig {
    /// File with the admin token, which reading others' data and changing settings then needs, created by the first service; without it every client that reaches the port may do both
    #[arg(long, env = "ESE_ADMIN_TOKEN_FILE", value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
    /// Listen beyond this machine even without keys and tokens: only where the network lets nobody else in
    #[arg(long, env = "ESE_OPEN")]
    pub open: bool,
}

impl AdminConfig {
    /// The flag of the secret, and whether it is given.
    pub fn secret(&self) -> (&'static str, bool) {
        ("--admin-token-file", self.admin_token_file.is_some())
    }
}

/// Who may read and change; the clones share it.
#[derive(Clone, Debug, Default)]
pub struct Admin {
    token: Option<Arc<Signer>>,
    peers: PeerToken,
}

/// The token, and the key of its signatures.
#[derive(Debug)]
struct Signer(Token, Hmac<Sha256>);

impl Admin {
    /// Reads the token, or creates it if there is no file. Without one everybody may read. Peers may read in any case.
    pub fn load(config: &AdminConfig, peers: PeerToken) -> anyhow::Result<Self> {
        let Some(path) = &config.admin_token_file else { return Ok(Self { token: None, peers }) };
        let token = Token::load(path, "admin token")?;
        let signer = Hmac::new_from_slice(token.as_bytes())?;
        Ok(Self { token: Some(Arc::new(Signer(token, signer))), peers })
    }

    /// The headers of a request with the token; none without one.
    pub fn headers(&self) -> HeaderMap {
        self.token.as_ref().map(|token| token.0.headers()).unwrap_or_default()
    }

    /// Whether the request has the token or its cookie; never without a token.
    pub fn is_admin(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return false };
        token.0.is_in(headers) || cookies(headers).any(|cookie| token.has_signed(cookie))
    }

    /// Refuses a request that may not read, with 401.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if self.token.is_none() || self.is_admin(headers) || self.peers.is_given(headers) {
            return Ok(());
        }
        let detail = "This needs the admin token: send it as `Authorization: Bearer`, or sign in at the page.";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, detail))
    }

    /// Restricts routes to those who may read.
    pub fn only<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        routes.route_layer(middleware::from_fn_with_state(self.clone(), admit))
    }

    /// `POST /api/login` exchanges the token for the cookie; `GET` answers whether the client may read.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new().route("/api/login", get(look).post(login)).with_state(self.clone())
    }
}

impl Signer {
    /// The cookie's value: when it ends, in seconds since 1970, and the signature of that.
    fn sign(&self, ends: i64) -> String {
        let signature = self.1.clone().chain_update(ends.to_string()).finalize().into_bytes();
        format!("{ends}.{}", secret::hex(&signature))
    }

    fn has_signed(&self, cookie: &str) -> bool {
        let Some((ends, signature)) = cookie.split_once('.') else { return false };
        let signed = secret::bytes_of(signature)
            .is_some_and(|signature| self.1.clone().chain_update(ends).verify_slice(&signature).is_ok());
        signed && ends.parse().is_ok_and(|ends: i64| ends > now())
    }
}

fn now() -> i64 {
    clock::now().millis() / 1000
}

/// The values of our cookie.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

async fn admit(State(admin): State<Admin>, request: Request, next: Next) -> Result<Response, Refusal> {
    admin.check(request.headers())?;
    Ok(next.run(request).await)
}

async fn look(State(admin): State<Admin>, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    admin.check(&headers).map(|()| StatusCode::NO_CONTENT)
}

async fn login(State(admin): State<Admin>, headers: HeaderMap) -> Result<Response, Refusal> {
    let Some(token) = &admin.token else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    // Not the cookie: it would renew itself for ever.
    if !token.0.is_in(&headers) {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "This is not the admin token."));
    }
    // Behind a proxy with TLS the cookie goes over TLS alone. Without TLS a browser would not send it back.
    let proxied = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let secure = if proxied { "; Secure" } else { "" };
    let value = token.sign(now() + LASTS);
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={LASTS}; HttpOnly; SameSite=Strict{secure}");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    fn admin(directory: &tempfile::TempDir, name: &str) -> (Admin, String) {
        let file = directory.path().join(name);
        let config = AdminConfig { admin_token_file: Some(file.clone()), open: false };
        let admin = Admin::load(&config, PeerToken::default()).unwrap();
        (admin, std::fs::read_to_string(file).unwrap())
    }

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    async fn ask(admin: &Admin, method: &str, headers: HeaderMap) -> Response {
        let mut request = Request::builder().method(method).uri("/api/login").body(Body::empty()).unwrap();
        *request.headers_mut() = headers;
        admin.router::<()>().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_cannot_use() {
        let directory = tempfile::tempdir().unwrap();
        let (ours, token) = admin(&directory, "ours");
        let refused = ask(&ours, "POST", with(header::AUTHORIZATION, "Bearer guess")).await;
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.headers()["www-authenticate"], "Bearer");
        let mut headers = with(header::AUTHORIZATION, &format!("Bearer {token}"));
        let answer = ask(&ours, "POST", headers.clone()).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict") && !cookie.contains(&token));
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        let secure = ask(&ours, "POST", headers).await;
        assert!(secure.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));

        let pair = cookie.split(';').next().unwrap();
        assert_eq!(ask(&ours, "GET", HeaderMap::new()).await.status(), 401);
        let given = with(header::COOKIE, &format!("other=1; {pair}"));
        assert_eq!(ask(&ours, "GET", given.clone()).await.status(), 204);
        assert_eq!(ask(&ours, "POST", given.clone()).await.status(), 401, "a cookie renews itself");
        let (other, _) = admin(&directory, "other");
        assert_eq!(ask(&other, "GET", given).await.status(), 401, "a new token ends the cookie");
    }

    #[test]
    fn a_cookie_ends_and_its_end_cannot_be_changed() {
        let (admin, _) = admin(&tempfile::tempdir().unwrap(), "token");
        let token = admin.token.as_ref().unwrap();
        let lasting = token.sign(now() + 60);
        assert!(token.has_signed(&lasting));
        assert!(!token.has_signed(&token.sign(now() - 1)));
        let (ends, signature) = lasting.split_once('.').unwrap();
        let later = ends.parse::<i64>().unwrap() + 1;
        for changed in [format!("{later}.{signature}"), format!("{ends}."), ends.to_owned(), String::new()] {
            assert!(!token.has_signed(&changed), "{changed}");
        }
    }

    #[test]
    fn without_a_token_everybody_may_read_and_nobody_is_the_admin() {
        let admin = Admin::load(&AdminConfig::default(), PeerToken::default()).unwrap();
        admin.check(&HeaderMap::new()).unwrap();
        assert!(!admin.is_admin(&with(header::AUTHORIZATION, "Bearer ")));
    }
}
