//! The settings of Apache Kafka, its logging and its Java.

use std::path::Path;

use crate::run::broker::detour::Detour;

/// The heap of one of so many nodes.
pub(super) const fn heap(nodes: usize) -> [&'static str; 2] {
    if nodes == 1 { ["-Xms256m", "-Xmx512m"] } else { ["-Xms128m", "-Xmx256m"] }
}

/// Options of the JVM: the garbage collector that Kafka's scripts choose.
pub(super) const JVM: [&str; 7] = [
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    // A broker without memory must exit, so that its end is visible.
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    // Its start and its stop are logged; of the rest, only warnings.
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];

/// Options of the JVM that formats the storage; it runs for a moment only.
pub(super) const JVM_FORMAT: [&str; 3] = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/// Warnings with their time go to standard error, through SLF4J's simple logger, which comes with the jars.
pub(super) const LOGGING: [&str; 4] = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
];

/// `server.properties` of a node that only this machine can reach.
///
/// `log.flush.interval.messages` stays at its default. A record that was acknowledged is in the kernel's page cache
/// and survives brokers killed with SIGKILL. Only a power cut could lose it; all nodes are on this machine.
pub(super) fn server(index: usize, port: u16, controllers: &[u16], detours: &[Detour], data: &Path) -> String {
    let (id, controller, data) = (index + 1, controllers[index], data.display());
    let voters: Vec<String> = controllers.iter().zip(1..).map(|(port, id)| format!("{id}@127.0.0.1:{port}")).collect();
    let voters = voters.join(",");
    // Every node has a copy, and a write needs a majority of them: one node of three may be down.
    let replicas = controllers.len();
    let in_sync = replicas / 2 + 1;
    // The last nodes of a cluster that stops would wait for a controller that no majority elects any more.
    let controlled = replicas == 1;
    let name = |detour: &Detour| detour.client.to_ascii_uppercase();
    let each = |text: &dyn Fn(&Detour) -> String| detours.iter().map(text).collect::<String>();
    let listeners = each(&|detour| format!(",{}://{}", name(detour), detour.listener));
    let advertised = each(&|detour| format!(",{}://{}", name(detour), detour.proxy));
    let protocols = each(&|detour| format!(",{}:PLAINTEXT", name(detour)));
    format!(
        "\
process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{listeners}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{advertised}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols}
log.dirs={data}

default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}

# The programs make their topics themselves; a misspelt one is an error.
auto.create.topics.enable=false
num.partitions=3
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=4

# A consumer that starts need not wait for others, and one that was killed is soon missed.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000

# A killed broker that comes back waits until its former self is given up: this long.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500

controlled.shutdown.enable={controlled}

# Small, like everything here.
log.segment.bytes=67108864
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"
    )
}
