//! Small made-up crates, with circles and without.

use super::*;

fn circles_in(files: &[(&str, &str)]) -> Vec<String> {
    circles(&files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>())
}

fn names(sentence: &str) -> &str {
    sentence.rsplit(": ").next().unwrap_or_default()
}

#[test]
fn modules_that_import_each_other_over_a_third_are_named() {
    let found = circles_in(&[
        ("x/src/lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;"),
        ("x/src/a.rs", "use std::fmt;\nuse crate::{b::{self, B}, other as another};"),
        ("x/src/b.rs", "fn f() { crate::c::deep::f() }"),
        ("x/src/c.rs", "mod deep;\nuse super::a::A;"),
        ("x/src/c/deep.rs", "use super::super::a;"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(names(&found[0]), "x/src/a.rs → x/src/b.rs → x/src/c/deep.rs → x/src/a.rs");
}

#[test]
fn a_parent_that_uses_a_child_may_not_be_used_by_it() {
    let child = ("x/src/a/child.rs", "use super::Shared;");
    let root = ("x/src/main.rs", "mod a;");
    for parent in ["mod child;\npub use child::go;\nfn f() { go() }", "mod child;\nfn f() { child::go() }"] {
        let found = circles_in(&[root, ("x/src/a.rs", parent), child]);
        assert_eq!(names(&found.join("")), "x/src/a.rs → x/src/a/child.rs → x/src/a.rs", "{parent}");
    }
    let parent = "mod child;\n\npub(crate) use self::child::{\n    go, stop as halt\n};\npub struct Shared;";
    assert!(circles_in(&[root, ("x/src/a.rs", parent), child]).is_empty());
}

#[test]
fn a_re_export_may_have_the_name_of_its_module() {
    let child = ("x/src/a/go.rs", "use super::Shared;");
    let parent = "pub mod go;\n\npub use go::go;\npub struct Shared;";
    assert!(circles_in(&[("x/src/main.rs", "mod a;"), ("x/src/a.rs", parent), child]).is_empty());
}

#[test]
fn comments_tests_and_other_crates_make_no_circle() {
    let a = "// use crate::b;\nuse crate::b::B; // b\n";
    let b = "/// As [`crate::a`].\npub struct B;\nconst TEXT: &str = \"crate::a\";\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n";
    let main = ("x/src/main.rs", "use x::a;");
    let other = ("x/tests/it/a.rs", "use crate::b;");
    let tests = ("x/tests/it/main.rs", "mod a;");
    assert!(circles_in(&[("x/src/lib.rs", ""), main, ("x/src/a.rs", a), ("x/src/b.rs", b), tests, other]).is_empty());
}
