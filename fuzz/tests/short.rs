//! The short form: every first input, and some thousand mutations of them for each parser, new ones in each run.
//!
//! `ESE_FUZZ_CASES` sets how many. `cargo xtask fuzz` is the long form.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use fuzz::Target;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestError, TestRunner};

/// The cases for each parser, unless `ESE_FUZZ_CASES` names others.
const CASES: u32 = 10_000;

/// Pieces with a meaning for some parser.
const PIECES: [&[u8]; 43] = [
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
    b"-",
    b"1e999",
    b"9007199254740993",
    b"18446744073709551616",
    b"-1",
    b"0",
    b"null",
    b"{}",
    b"[[[[",
    b"\"id\":",
    b"\"data\":",
    b"$serde_json::private::RawValue",
    b"ce-data: x\n",
    b"ce_id: \n",
    b".\r\n",
    b"DATA\r\n",
    b"RSET\r\n",
    b"EHLO x\r\n",
    b"RCPT TO:<a@b>\r\n",
    b"=?utf-8?B?",
    b"--cut\r\n",
    b"1-5,",
    b"a.b.",
    b"[[fault]]\n",
    b"\"\"\"",
    b".*",
    b"\\\n",
    b"%C3%",
];

#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, &'static [u8]),
    Repeat {
        at: Index,
        bytes: usize,
        times: usize,
    },
    /// The rest comes from another first input.
    Cross(Index, Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    use Mutation::*;
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Set(at, byte)),
        4 => (at(), 1..40_usize).prop_map(|(at, bytes)| Remove(at, bytes)),
        6 => (at(), select(&PIECES[..])).prop_map(|(at, piece)| Insert(at, piece)),
        2 => (at(), 1..80_usize, 1..20_usize).prop_map(|(at, bytes, times)| Repeat { at, bytes, times }),
        1 => (at(), 1..8_usize, 100..2_000_usize).prop_map(|(at, bytes, times)| Repeat { at, bytes, times }),
        2 => (at(), at(), at()).prop_map(|(at, other, from)| Cross(at, other, from)),
    ]
}

fn apply(mut input: Vec<u8>, mutation: &Mutation, corpus: &[Vec<u8>]) -> Vec<u8> {
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    match mutation {
        Mutation::Set(at, byte) => {
            let at = place(at, &input);
            if let Some(old) = input.get_mut(at) {
                *old = *byte;
            }
        }
        Mutation::Remove(at, bytes) => {
            let at = place(at, &input);
            input.drain(at..(at + bytes).min(input.len()));
        }
        Mutation::Insert(at, piece) => {
            let at = place(at, &input);
            input.splice(at..at, piece.iter().copied());
        }
        Mutation::Repeat { at, bytes, times } => {
            let at = place(at, &input);
            let piece = input[at..(at + bytes).min(input.len())].repeat(*times);
            input.splice(at..at, piece);
        }
        Mutation::Cross(at, other, from) => {
            let other = other.get(corpus);
            input.truncate(place(at, &input));
            input.extend_from_slice(&other[place(from, other)..]);
        }
    }
    input
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(target.corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn try_target(name: &str) {
    let target = Target::named(name).unwrap();
    let corpus = corpus(&target);
    corpus.iter().for_each(|input| target.check(input));
    let cases = std::env::var("ESE_FUZZ_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let inputs = (select(corpus.clone()), vec(mutation(), 0..8)).prop_map(|(first, mutations)| {
        let input = mutations.iter().fold(first, |input, mutation| apply(input, mutation, &corpus));
        Input(input)
    });
    let tried = runner.run(&inputs, |Input(input)| {
        target.check(&input);
        Ok(())
    });
    if let Err(error) = tried {
        if let TestError::Fail(_, Input(input)) = &error {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
            fs::write(&file, input).unwrap();
            eprintln!("The shortest input found is in {}.", file.display());
        }
        panic!("{error}");
    }
}

/// An input that is shown as text, if it is long its beginning.
#[derive(Clone)]
struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.0[..self.0.len().min(2000)].escape_ascii())
    }
}

macro_rules! tried {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                try_target(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_tried() {
            assert_eq!(fuzz::TARGETS.map(|target| target.name), [$(stringify!($name)),*]);
        }
    };
}

tried! {
    batch structured binary seed_event seed_events topics record mail_request smtp mail settings report scenario keys_file
    kafka_properties type_pattern
}
