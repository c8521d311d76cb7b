//! The course of a benchmark: each part on a stack of its own, the targets of each round in a random order.

use std::slice;

use domain::Route;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use tokio_util::sync::CancellationToken;

use super::load::Target;
use super::measured_stack::{MeasuredStack, on_new_stack};
use super::plan::{Extent, Plan};
use super::producer::Producer;
use super::results::{LoadPoint, Samples};
use super::template::Shape;
use super::throughput::Throughput;
use super::{backlog, latency, series};
use crate::run::postgres::NotInstalled;
use crate::run::stack::DatabaseKind;

/// Begins the keys of the figures over PostgreSQL.
const ON_POSTGRES: &str = "postgres-";

/// A benchmark to make.
pub(super) struct Runner<'a> {
    pub(super) plan: &'a Plan,
    pub(super) seed: u64,
    pub(super) stop: &'a CancellationToken,
    /// Shows the progress.
    pub(super) show: &'a dyn Fn(&str),
}

/// Everything that was measured.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) samples: Samples,
    pub(super) loads: Vec<LoadPoint>,
    pub(super) left_out: Vec<String>,
}

impl Runner<'_> {
    pub(super) async fn run(&self) -> anyhow::Result<Measured> {
        let (plan, mut measured) = (self.plan, Measured::default());
        let (sqlite, routes) = (DatabaseKind::Sqlite, &plan.routes);
        let producer = Producer::find();
        if plan.has_kafka() && producer.is_none() {
            measured.left_out.push("Kafka's ProducerPerformance is not installed.".to_owned());
        }
        (self.show)("starting the stack");
        on_new_stack(routes, sqlite, self.stop, async |stack: &MeasuredStack| {
            self.warm_up(stack).await?;
            self.rates(stack, producer.as_ref(), &mut measured.samples).await
        })
        .await?;
        if plan.extent == Extent::Ratios {
            return Ok(measured);
        }
        (self.show)("starting a new stack for many events");
        on_new_stack(routes, sqlite, self.stop, async |stack: &MeasuredStack| {
            self.warm_up(stack).await?;
            self.many_events(stack, &mut measured.samples).await
        })
        .await?;
        if plan.extent == Extent::Full {
            (self.show)("starting a new stack for growing loads");
            let Measured { samples, loads, .. } = &mut measured;
            on_new_stack(routes, sqlite, self.stop, async |stack: &MeasuredStack| {
                self.warm_up(stack).await?;
                for &route in routes {
                    (self.show)(&format!("growing load over {}", route.name()));
                    loads.extend(series::measure(stack, route, plan.times, samples).await?);
                }
                Ok(())
            })
            .await?;
            self.on_postgres(producer.as_ref(), &mut measured).await?;
        }
        Ok(measured)
    }

    /// Lets a new broker work without measuring it, with the same loads.
    async fn warm_up(&self, stack: &MeasuredStack) -> anyhow::Result<()> {
        if !self.plan.has_kafka() {
            return Ok(());
        }
        (self.show)("warming up the broker");
        let (kafka, times) = (Target::Route(Route::Kafka), [0.0, self.plan.broker_warm_up / 2.0]);
        for shape in [Shape::Batch, Shape::Single] {
            let throughput = Throughput { stack, shape, prefix: "", times, producer: None };
            throughput.round(slice::from_ref(&kafka), &mut Samples::default()).await?;
        }
        Ok(())
    }

    /// Events a second, and the time until processed at a steady load.
    async fn rates(
        &self,
        stack: &MeasuredStack,
        producer: Option<&Producer>,
        samples: &mut Samples,
    ) -> anyhow::Result<()> {
        let rounds = self.plan.rounds;
        self.closed(stack, Shape::Single, "", rounds, None, samples).await?;
        if self.plan.extent == Extent::Ratios {
            return Ok(());
        }
        self.closed(stack, Shape::Batch, "", rounds, producer, samples).await?;
        if !self.plan.elsewhere.is_empty() {
            self.closed(stack, Shape::Seed, "", rounds, None, samples).await?;
        }
        let (mut random, mut targets) = (self.random(), self.plan.steady_targets());
        for round in 1..=self.plan.fewer_rounds {
            (self.show)(&format!("steady load, round {round} of {}", self.plan.fewer_rounds));
            targets.shuffle(&mut random);
            latency::round(stack, &targets, self.plan.times, samples).await?;
        }
        Ok(())
    }

    async fn closed(
        &self,
        stack: &MeasuredStack,
        shape: Shape,
        prefix: &'static str,
        rounds: u32,
        producer: Option<&Producer>,
        samples: &mut Samples,
    ) -> anyhow::Result<()> {
        let throughput = Throughput { stack, shape, prefix, times: self.plan.times, producer };
        let (mut random, mut targets) = (self.random(), self.plan.targets(shape));
        for round in 1..=rounds {
            (self.show)(&format!("{prefix}{} events, round {round} of {rounds}", shape.name()));
            targets.shuffle(&mut random);
            throughput.round(&targets, samples).await?;
        }
        Ok(())
    }

    async fn many_events(&self, stack: &MeasuredStack, samples: &mut Samples) -> anyhow::Result<()> {
        let (plan, [all, waiting]) = (self.plan, self.plan.events);
        (self.show)(&format!("memory after {all} events"));
        backlog::memory(stack, &plan.routes, all, samples).await?;
        for &route in plan.routes.iter().filter(|route| **route != Route::HttpPush) {
            (self.show)(&format!("{waiting} events wait for the consumer on {}", route.name()));
            backlog::drain(stack, route, waiting, samples).await?;
        }
        Ok(())
    }

    async fn on_postgres(&self, producer: Option<&Producer>, measured: &mut Measured) -> anyhow::Result<()> {
        (self.show)("starting a new stack with PostgreSQL");
        let (rounds, samples) = (self.plan.fewer_rounds, &mut measured.samples);
        let done = on_new_stack(&self.plan.routes, DatabaseKind::Postgres, self.stop, async |stack: &MeasuredStack| {
            self.warm_up(stack).await?;
            self.closed(stack, Shape::Single, ON_POSTGRES, rounds, None, samples).await?;
            self.closed(stack, Shape::Batch, ON_POSTGRES, rounds, producer, samples).await
        });
        match done.await {
            Err(lack) if lack.is::<NotInstalled>() => {
                measured.left_out.push("PostgreSQL is not installed.".to_owned());
                Ok(())
            }
            done => done,
        }
    }

    fn random(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }
}
