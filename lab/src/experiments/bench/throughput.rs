//! Closed loops over each target in turn: events a second, their share of the bare handler's, and the CPU time of every process.

use domain::Route;
use domain::topics::PARTITIONS;
use runtime::clock;

use super::load::{Load, Target};
use super::measured_stack::MeasuredStack;
use super::producer::{Producer, Records};
use super::results::Samples;
use super::template::Shape;

/// How many clients send at once, in single events.
pub(super) const CONNECTIONS: usize = 64;
/// The same in batches; more would only wait in the backend's queues.
pub(super) const BATCH_CONNECTIONS: usize = 16;

/// The two measurements of Kafka's own producer, by the names in their keys.
const PRODUCERS: [(&str, Records); 2] = [("producer", Records::Random), ("producer-of-events", Records::Events)];

/// Closed loops of one shape.
pub(super) struct Throughput<'a> {
    pub(super) stack: &'a MeasuredStack,
    pub(super) shape: Shape,
    /// Begins the keys of the figures.
    pub(super) prefix: &'static str,
    /// The time of a load before its window and in it, in seconds.
    pub(super) times: [f64; 2],
    pub(super) producer: Option<&'a Producer>,
}

impl Throughput<'_> {
    /// Measures each target once, in this order, and then their ratios.
    pub(super) async fn round(&self, targets: &[Target], samples: &mut Samples) -> anyhow::Result<()> {
        for target in targets {
            if *target == Target::Producer {
                self.measure_producer(samples).await?;
            } else {
                self.measure(target, samples).await?;
            }
        }
        let name = self.name();
        for route in Route::ALL {
            let rate = format!("{name}-rate/{}", route.name());
            samples.add_ratio(format!("{name}-share/{}", route.name()), &rate, &format!("{name}-rate/bare"));
        }
        if targets.contains(&Target::Producer) {
            for (key, _) in PRODUCERS {
                let rate = format!("{name}-rate/kafka");
                samples.add_ratio(format!("{name}-of-{key}/kafka"), &rate, &self.producer_rate(key));
            }
        }
        // The first other server is the measure of all targets.
        if let Some(first) = targets.iter().find(|target| matches!(target, Target::Elsewhere(_))) {
            for target in targets {
                let rate = format!("{name}-rate/{target}");
                samples.add_ratio(format!("{name}-ratio/{target}"), &rate, &format!("{name}-rate/{first}"));
            }
        }
        Ok(())
    }

    fn name(&self) -> String {
        format!("{}{}", self.prefix, self.shape.name())
    }

    /// The key of a producer's rate, in records a second.
    fn producer_rate(&self, key: &str) -> String {
        format!("{}{key}-rate/kafka", self.prefix)
    }

    async fn measure(&self, target: &Target, samples: &mut Samples) -> anyhow::Result<()> {
        let (stack, name, [warm_up, seconds]) = (self.stack, self.name(), self.times);
        let (address, route) = match target {
            Target::Elsewhere(address) => (address.clone(), None),
            Target::Route(route) => (stack.stack.upstreams().backend.to_string(), Some(*route)),
            Target::Bare | Target::Producer => (stack.handler.to_string(), None),
        };
        let load = Load {
            address,
            route,
            shape: self.shape,
            connections: if self.shape == Shape::Batch { BATCH_CONNECTIONS } else { CONNECTIONS },
            rate: None,
            warm_up,
            seconds,
            events: None,
            run: rand::random(),
        };
        let before = stack.cpu();
        let loaded = stack.load(&load).await?;
        if let Some(route) = route {
            stack.until_processed(route).await?;
            let seconds = (clock::now().micros() - loaded.began) as f64 / 1e6;
            samples.add(format!("{name}-processed-rate/{target}"), loaded.accepted as f64 / seconds);
        }
        samples.add(format!("{name}-rate/{target}"), loaded.rate);
        samples.add(format!("{name}-accepted-p99/{target}"), loaded.p99_ms);
        let micros_an_event = |seconds: f64| seconds * 1e6 / loaded.accepted.max(1) as f64;
        for (part, after) in stack.cpu() {
            let used = after - before.get(part).copied().unwrap_or_default();
            samples.add(format!("{name}-cpu-{part}/{target}"), micros_an_event(used));
        }
        samples.add(format!("{name}-cpu-generator/{target}"), micros_an_event(loaded.cpu_seconds));
        Ok(())
    }

    async fn measure_producer(&self, samples: &mut Samples) -> anyhow::Result<()> {
        if let (Some(producer), Some(broker)) = (self.producer, &self.stack.broker) {
            for (key, records) in PRODUCERS {
                let rate = producer.run(broker, PARTITIONS, records, self.times[1]).await?;
                samples.add(self.producer_rate(key), rate);
            }
        }
        Ok(())
    }
}
