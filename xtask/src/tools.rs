//! The tools that a fresh machine lacks.

mod apache;
mod apt;
mod axe;
mod debian_packages;
mod debian_rust;
mod docker;
mod firefox;
mod frontend_tools;
mod install;
mod nisshi;
mod npm;
mod schemathesis;
mod source;
mod trackers;
mod wasm;

pub(crate) use self::apache::{ensure as apache, fits as apache_fits, home as apache_home};
pub(crate) use self::apt::unpack;
pub(crate) use self::axe::ensure as axe;
pub(crate) use self::debian_packages::{browser, native, postgres};
pub(crate) use self::docker::{compose_v2, ensure as docker, mailpit};
pub(crate) use self::frontend_tools::{trunk, wasm, wasm_env};
pub(crate) use self::install::dir;
pub(crate) use self::nisshi::ensure as nisshi;
pub(crate) use self::schemathesis::ensure as schemathesis;
pub(crate) use self::trackers::ensure as trackers;
