//! Secrets of 256 random bits: made here, read from files, compared in constant time.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use axum::http::{HeaderMap, HeaderValue, header};
use rand::RngExt;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret. A slow hash would add nothing: nobody can try 2^256 secrets.
#[derive(Clone, Copy, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a secret.
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Whether both are of one secret. The time does not depend on where they differ.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for SecretHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for SecretHash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes_of(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or("a SHA-256 has 64 hexadecimal digits")
    }
}

/// A new secret, as 64 hexadecimal digits.
pub fn random() -> String {
    hex(&rand::rng().random::<[u8; 32]>())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of an even number of hexadecimal digits.
pub(crate) fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let digits = hex.bytes().all(|digit| digit.is_ascii_hexdigit()) && hex.len().is_multiple_of(2);
    digits.then(|| hex.as_bytes().chunks(2).map(pair).collect()).flatten()
}

/// What follows `Bearer` in the header `Authorization`.
pub fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| secret.trim_ascii())
}

/// The header with a secret.
pub fn bearer_header(secret: &str) -> HeaderMap {
    let bearer = HeaderValue::try_from(format!("Bearer {secret}")).ok().map(|mut value| {
        value.set_sensitive(true);
        (header::AUTHORIZATION, value)
    });
    bearer.into_iter().collect()
}

/// A secret that several programs read from one file.
pub(crate) struct Token {
    text: String,
    hash: SecretHash,
}

impl Token {
    /// Reads it; creates the file if there is none. `name` is for the error.
    pub(crate) fn load(path: &Path, name: &str) -> anyhow::Result<Self> {
        let text = read_or_create(path, name)?;
        Ok(Self { hash: SecretHash::of(text.as_bytes()), text })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The header of a request with it.
    pub(crate) fn headers(&self) -> HeaderMap {
        bearer_header(&self.text)
    }

    /// Whether a request has it.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|given| SecretHash::of(given).is(&self.hash))
    }
}

/// Never shows the secret.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

fn read_or_create(path: &Path, name: &str) -> anyhow::Result<String> {
    let read = || fs::read_to_string(path);
    let text = match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => create(path).and_then(|()| read()),
        read => read,
    };
    let text = text.with_context(|| format!("cannot read or create the {name} in {}", path.display()))?;
    let secret = text.trim();
    anyhow::ensure!(secret.len() >= 32, "the {name} in {} has fewer than 32 characters", path.display());
    Ok(secret.to_owned())
}

/// Writes a new secret beside the file and links it into place, so that another service finds a complete one or none.
fn create(path: &Path) -> std::io::Result<()> {
    // Not the process id: every service in a container of its own is process 1.
    let draft = path.with_extension(format!("{:016x}.draft", rand::rng().random::<u64>()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(random().as_bytes())?;
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
    fn a_hash_is_that_of_its_secret_alone_and_comes_back_from_its_text() {
        let hash = SecretHash::of(b"abc");
        // The example of FIPS 180-2.
        assert_eq!(hash.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(hash.is(&hash.to_string().parse().unwrap()) && !hash.is(&SecretHash::of(b"abd")));
        for wrong in ["", "ba", &"+a".repeat(32), &"zz".repeat(32)] {
            wrong.parse::<SecretHash>().unwrap_err();
        }
    }

    #[test]
    fn the_scheme_may_be_in_any_case_and_nothing_else_passes() {
        let secret = |value: &str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            bearer(&headers).map(<[u8]>::to_owned)
        };
        assert_eq!(secret("bearer  abc ").as_deref(), Some(&b"abc"[..]));
        assert_eq!([secret("Basic abc"), secret("Bearer"), secret("")], [None, None, None]);
    }
}
