//! Tokens for the login OAUTHBEARER: read from a file that another program keeps fresh, each time a new one is due.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde::Deserialize;

/// The part of a JSON Web Token that librdkafka needs beside the token.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: String,
    /// When it expires, in seconds since the epoch.
    exp: f64,
}

/// The token in the file that `sasl.oauthbearer.config` names, as `file=/run/secrets/kafka-token`. No error has a part of it.
pub(super) fn read(config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
    let file = config.and_then(|config| config.trim().strip_prefix("file="));
    let file = file.ok_or("set sasl.oauthbearer.config to file=PATH, the file with the token")?;
    let text = fs::read_to_string(file).map_err(|why| format!("the token file {file} cannot be read: {why}"))?;
    let token = text.trim();
    let Claims { sub, exp } = claims(token).ok_or_else(|| format!("{file} has no JSON Web Token with `exp`"))?;
    Ok(OAuthToken { token: token.to_owned(), principal_name: sub, lifetime_ms: (exp * 1000.0) as i64 })
}

fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_file(text: &str) -> Result<OAuthToken, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(Some(&format!("file={}", file.path().display()))).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_has_its_name_and_its_end() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"shop","exp":1893456000.5,"iat":1}"#);
        let text = format!("e30.{claims}.c2ln");
        let token = read_file(&format!("{text}\n")).unwrap();
        let read = (token.token, token.principal_name.as_str(), token.lifetime_ms);
        assert_eq!(read, (text, "shop", 1_893_456_000_500));
    }

    #[test]
    fn what_is_no_token_is_named_without_its_text() {
        for text in ["", "hunter2", "e30.e30.", "a.hunter2.b"] {
            let error = read_file(text).err().unwrap();
            assert!(error.contains("has no JSON Web Token") && !error.contains("hunter2"), "{error}");
        }
        assert!(read(None).err().unwrap().to_string().contains("file=PATH"));
    }
}
