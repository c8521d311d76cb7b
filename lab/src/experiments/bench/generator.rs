//! The generator, `ese bench-load`: a process of its own with one thread for all connections, so that its CPU time can be told
//! apart and its work does not share a scheduler.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::answer::{Decision, Head};
use super::load::{Load, Loaded};
use super::load_counts::{LoadCounts, Window};
use super::open_loop::pace;
use super::template::{Shape, Template, id};
use crate::experiments::durations::Durations;
use crate::experiments::proc::own_seconds;
use crate::terminal;

/// The time until the first request, in which all connections become ready.
const LEAD: Duration = Duration::from_millis(100);
/// How long the same events may be refused.
const PATIENCE: Duration = Duration::from_secs(30);
/// Events that are later than this at the end of the window are not sent.
const LATE: Duration = Duration::from_millis(500);
/// The room for an answer; a longer one is read in pieces.
const ANSWER: usize = 64 << 10;

/// The argument of `ese bench-load`.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadArgs {
    /// The load
    #[arg(value_name = "JSON")]
    pub load: String,
}

/// Makes a load, and prints its result as a line of JSON.
pub async fn run(args: LoadArgs) -> anyhow::Result<ExitCode> {
    let load: Load = serde_json::from_str(&args.load).context("the argument is no load of `ese bench`")?;
    let alone = move || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(generate(&load));
    let loaded = tokio::task::spawn_blocking(alone).await??;
    terminal::out(&serde_json::to_string(&loaded)?);
    Ok(ExitCode::SUCCESS)
}

async fn generate(load: &Load) -> anyhow::Result<Loaded> {
    let connections = try_join_all((0..load.connections).map(|number| Connection::open(load, number))).await?;
    let (start, began) = (Instant::now() + LEAD, runtime::clock::now().micros() + LEAD.as_micros() as i64);
    let begin = start + Duration::from_secs_f64(load.warm_up);
    let end = begin + Duration::from_secs_f64(load.seconds);
    let most = load.events.map_or(u64::MAX, |events| events.div_ceil(load.connections as u64));
    let window = Window { begin, end, most };
    let sessions: Vec<String> = (0..load.connections).map(|number| id(load.run, number, 0)).collect();
    let mut running = JoinSet::new();
    match load.rate {
        None => {
            connections.into_iter().for_each(|connection| drop(running.spawn(connection.send_closed(start, window))))
        }
        Some(rate) => {
            let mut senders = Vec::new();
            for connection in connections {
                let (sender, dues) = unbounded_channel();
                senders.push(sender);
                running.spawn(connection.send_open(dues, window));
            }
            let count = (rate as f64 * (load.warm_up + load.seconds)) as u64;
            thread::spawn(move || {
                // A connection that has failed ends the schedule, and its error ends the load.
                pace(start, rate, count, |index, at| senders[index as usize % senders.len()].send(at).is_ok());
            });
        }
    }
    let (mut sum, mut accepted) = (LoadCounts::default(), Vec::new());
    while let Some(ended) = running.join_next().await {
        let (number, counts) = ended??;
        accepted.push((sessions[number].clone(), counts.accepted));
        sum.add(counts);
    }
    let seconds = start.elapsed().as_secs_f64().min(load.warm_up + load.seconds) - load.warm_up;
    let times = Durations::new(sum.micros)?;
    Ok(Loaded {
        began,
        accepted: sum.accepted,
        sessions: if load.shape.is_numbered() { accepted } else { Vec::new() },
        rate: sum.in_window as f64 / seconds.max(f64::MIN_POSITIVE),
        refused: sum.refused,
        unsent: sum.unsent,
        p50_ms: times.at(50.0).unwrap_or_default(),
        p99_ms: times.at(99.0).unwrap_or_default(),
        cpu_seconds: own_seconds(),
    })
}

/// A client with a session of its own. It has one request at a time, so its events arrive in the order of their numbers.
struct Connection {
    number: usize,
    stream: TcpStream,
    template: Template,
    shape: Shape,
    answer: Vec<u8>,
    counts: LoadCounts,
}

impl Connection {
    async fn open(load: &Load, number: usize) -> anyhow::Result<Self> {
        let Load { address, route, shape, run, .. } = load;
        let stream = TcpStream::connect(address).await.with_context(|| format!("nothing answers at {address}"))?;
        stream.set_nodelay(true)?;
        let template = Template::new(address, *route, *shape, *run, number);
        let (answer, counts) = (Vec::with_capacity(ANSWER), LoadCounts::default());
        Ok(Self { number, stream, template, shape: *shape, answer, counts })
    }

    /// Sends the next events as soon as the last ones are accepted, from `start` on. Returns the
    /// connection's number and counts.
    async fn send_closed(mut self, start: Instant, window: Window) -> anyhow::Result<(usize, LoadCounts)> {
        sleep_until(start.into()).await;
        let mut now = Instant::now();
        while now < window.end && self.counts.accepted < window.most {
            now = self.deliver(now, &window).await?;
        }
        Ok((self.number, self.counts))
    }

    /// Sends the next event when it is due, or as soon after that as the one before is accepted.
    async fn send_open(
        mut self,
        mut dues: UnboundedReceiver<Instant>,
        window: Window,
    ) -> anyhow::Result<(usize, LoadCounts)> {
        while let Some(due) = dues.recv().await {
            let now = Instant::now();
            if now >= window.end && now.duration_since(due) > LATE {
                self.counts.unsent += 1;
                continue;
            }
            self.deliver(due, &window).await?;
        }
        Ok((self.number, self.counts))
    }

    /// Sends the next events until they are accepted; returns when they are.
    async fn deliver(&mut self, due: Instant, window: &Window) -> anyhow::Result<Instant> {
        self.template.number(self.counts.accepted + 1);
        let began = Instant::now();
        while let Decision::Refused(again) = self.exchange().await? {
            self.counts.refused += 1;
            ensure!(began.elapsed() < PATIENCE, "events were refused for {} s", PATIENCE.as_secs());
            sleep(again).await;
        }
        let (now, events) = (Instant::now(), self.shape.events());
        self.counts.accepted += events;
        if (window.begin..window.end).contains(&now) {
            self.counts.in_window += events;
        }
        if due >= window.begin {
            self.counts.micros.push(now.duration_since(due).as_micros() as u64);
        }
        Ok(now)
    }

    async fn exchange(&mut self) -> anyhow::Result<Decision> {
        self.stream.write_all(self.template.bytes()).await?;
        self.answer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::parse(&self.answer)? {
                break head;
            }
        };
        while self.answer.len() < head.end {
            self.read().await?;
        }
        let events = self.shape.is_numbered().then(|| self.shape.events());
        head.decide(&self.answer[head.body..head.end], events)
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let bytes = self.stream.read_buf(&mut self.answer).await?;
        ensure!(bytes > 0, "a connection was closed before its answer");
        Ok(())
    }
}
