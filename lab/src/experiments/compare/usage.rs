//! The use of processor, memory and disk by the parts of a stack.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use domain::Route;
use verdict::results::PartUse;

use super::disk::disk_bytes;
use crate::experiments::proc::{TICKS_A_SECOND, busy_seconds, family, own_seconds, resident, shared_memory, ticks};
use crate::run::stack::Stack;

/// How often the parts are looked at. A killed process keeps the last look.
const EVERY: Duration = Duration::from_millis(200);
/// The name of the second reader among the parts.
const READER: &str = "second reader";

/// What the parts that a route needs have used.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    /// By the name of the part.
    pub(super) parts: BTreeMap<String, PartUse>,
    /// CPU time of all of them.
    pub(super) cpu_seconds: f64,
    /// The most resident memory of all of them together.
    pub(super) memory_mib: f64,
    /// The growth of their files.
    pub(super) disk_bytes: f64,
    /// The share of the processors' time that neither the stack nor this process used.
    pub(super) busy_elsewhere: f64,
}

/// The state of everything before the load.
pub(super) struct Before<'a> {
    stack: &'a Stack,
    /// The process of the second reader, once it runs: it is no part of the route.
    reader: &'a OnceLock<u32>,
    needed: Vec<&'static str>,
    route: Route,
    directory: &'a Path,
    disk: f64,
    first: Processors,
    looks: Looks,
}

/// The use of the whole machine at a moment.
#[derive(Clone, Copy, Debug)]
struct Processors {
    at: Instant,
    /// CPU time of everything, in seconds.
    busy: f64,
    /// CPU time of this process, in seconds.
    own: f64,
}

impl Processors {
    fn now() -> Self {
        Self { at: Instant::now(), busy: busy_seconds(), own: own_seconds() }
    }
}

/// The looks at the processes.
#[derive(Debug, Default)]
struct Looks {
    /// CPU time of each process at its first and last look, in ticks.
    ticks: HashMap<(&'static str, u32), (u64, u64)>,
    /// The most memory of each part.
    memory: HashMap<&'static str, f64>,
    /// The most memory of all parts that the route needs together.
    together: f64,
    /// The last look.
    last: Option<Processors>,
}

impl<'a> Before<'a> {
    pub(super) fn look(stack: &'a Stack, reader: &'a OnceLock<u32>, route: Route, directory: &'a Path) -> Self {
        let (disk, first, needed) = (disk_bytes(directory, route), Processors::now(), parts(stack, route));
        let mut before = Self { stack, reader, needed, route, directory, disk, first, looks: Looks::default() };
        before.look_at_parts(true);
        before
    }

    /// Looks again and again while `work` goes on, as long as `is_active` returns that the route has work. The time after that,
    /// in which nothing comes any more, is not the route's.
    pub(super) async fn until<T>(
        mut self,
        work: impl Future<Output = T>,
        mut is_active: impl FnMut() -> bool,
    ) -> (T, Used) {
        let mut work = pin!(work);
        let mut every = tokio::time::interval(EVERY);
        loop {
            let done = tokio::select! {
                done = &mut work => Some(done),
                _ = every.tick() => None,
            };
            if is_active() {
                self.look_at_parts(false);
            }
            if let Some(done) = done {
                return (done, self.used());
            }
        }
    }

    fn look_at_parts(&mut self, first: bool) {
        let mut together = 0.0;
        let own = self.stack.parts().own().map(|part| (part, self.stack.parts().pid(part)));
        for (part, root) in own.chain([(READER, self.reader.get().copied())]) {
            let Some(root) = root else { continue };
            let family = family(root);
            let mut memory = 0.0;
            for &pid in &family {
                let Some(now) = ticks(pid) else { continue };
                // A process that was started meanwhile counts from its beginning.
                let known = self.looks.ticks.entry((part, pid)).or_insert((if first { now } else { 0 }, now));
                known.1 = now;
                // Processes of one server share most of their memory.
                memory += if family.len() > 1 { shared_memory(pid) } else { resident(pid) };
            }
            let most = self.looks.memory.entry(part).or_default();
            *most = most.max(memory);
            together += if self.needed.contains(&part) { memory } else { 0.0 };
        }
        self.looks.together = self.looks.together.max(together);
        self.looks.last = Some(Processors::now());
    }

    fn used(&self) -> Used {
        let mut used = Used { memory_mib: self.looks.together, ..Used::default() };
        let mut all = 0.0;
        for (&(part, _), (first, last)) in &self.looks.ticks {
            let seconds = (last - first) as f64 / TICKS_A_SECOND;
            all += seconds;
            if self.needed.contains(&part) {
                used.cpu_seconds += seconds;
                let of_part = used.parts.entry(part.to_owned()).or_default();
                of_part.cpu_seconds += seconds;
                of_part.memory_mib = self.looks.memory.get(part).copied().unwrap_or_default();
            }
        }
        used.disk_bytes = (disk_bytes(self.directory, self.route) - self.disk).max(0.0);
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        let (first, last) = (self.first, self.looks.last.unwrap_or(self.first));
        let others = last.busy - first.busy - (last.own - first.own) - all;
        let time = last.at.duration_since(first.at).as_secs_f64().max(EVERY.as_secs_f64());
        used.busy_elsewhere = (others / (time * cores)).clamp(0.0, 1.0);
        used
    }
}

/// The parts that a route needs. The mail server is the world's; further consumers take nothing from http-push.
pub(super) fn parts(stack: &Stack, route: Route) -> Vec<&'static str> {
    let needed = |part: &&'static str| match route {
        Route::HttpPush => *part != "inbox" && !part.starts_with("consumer-"),
        Route::HttpPoll | Route::Kafka => *part != "inbox",
    };
    stack.parts().own().filter(needed).collect()
}
