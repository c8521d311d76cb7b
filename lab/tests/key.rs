//! `ese key` as a program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn ese(file: &Path, arguments: &[&str]) -> Output {
    let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
    ese.env_clear().args(["key", "--keys-file"]).arg(file).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_key_is_printed_once_and_the_file_has_its_hash_for_its_user_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let origins = "https://shop.example,http://localhost:3000";
    let added = ese(&file, &["add", "shop", "--origins", origins, "--rate", "50"]);
    assert!(added.status.success(), "{}", text(&added.stderr));
    let key = text(&added.stdout).trim();
    assert!(key.starts_with("ese_") && key.len() == 68, "{key}");
    let stored = fs::read_to_string(&file).unwrap();
    assert!(!stored.contains(&key[4..]), "{stored}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let other = ese(&file, &["add", "app"]);
    assert_ne!(text(&other.stdout).trim(), key);

    let list = ese(&file, &["list"]);
    let list = text(&list.stdout);
    let line = list.lines().find(|line| line.starts_with("shop ")).unwrap();
    assert!(line.ends_with("https://shop.example, http://localhost:3000") && line.contains(" 500 "), "{list}");
    assert!(list.contains("none: programs alone"), "{list}");

    assert!(ese(&file, &["revoke", "shop"]).status.success());
    let list = ese(&file, &["list"]);
    assert!(!text(&list.stdout).contains("shop") && text(&list.stdout).contains("app"));
}

#[test]
fn what_cannot_be_changes_nothing_and_has_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    assert!(ese(&file, &["add", "shop"]).status.success());
    let before = fs::read_to_string(&file).unwrap();
    for (arguments, code, reason) in [
        (&["add", "shop"][..], 1, "there is a key `shop` already"),
        (&["revoke", "shed"], 1, "there is no key `shed`"),
        (&["add", "a b"], 64, "a name has 1 to 60 letters"),
        (&["add", "a", "--origins", "shop.example"], 64, "an origin is such as https://shop.example"),
        (&["add", "a", "--rate", "0"], 64, "0 is not in 1..=1000000"),
    ] {
        let output = ese(&file, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}
