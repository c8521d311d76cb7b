//! The program for long runs: libFuzzer on the target that `ESE_FUZZ_TARGET` names. `cargo xtask fuzz` builds and starts it.

#![no_main]

use std::sync::LazyLock;

use fuzz::Target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("ESE_FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| panic!("ESE_FUZZ_TARGET must be one of {:?}", fuzz::TARGETS))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| TARGET.check(input));
