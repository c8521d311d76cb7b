//! The settings of Apache Kafka, its logging and its Java.

use std::path::Path;

use crate::run::broker::detour::Detour;

/// Options of the JVM: the garbage collector that Kafka's scripts choose, and a small heap.
pub(super) const JVM: [&str; 9] = [
    "-Xms256m",
    "-Xmx512m",
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

/// `server.properties` of a single node that only this machine can reach.
///
/// `log.flush.interval.messages` stays at its default. A record that was acknowledged is in the kernel's page cache
/// and survives a broker killed with SIGKILL. Only a power cut could lose it; a single node has no second copy.
pub(super) fn server(port: u16, controller: u16, detours: &[Detour], data: &Path) -> String {
    let data = data.display();
    let name = |detour: &Detour| detour.client.to_ascii_uppercase();
    let each = |text: &dyn Fn(&Detour) -> String| detours.iter().map(text).collect::<String>();
    let listeners = each(&|detour| format!(",{}://{}", name(detour), detour.listener));
    let advertised = each(&|detour| format!(",{}://{}", name(detour), detour.proxy));
    let protocols = each(&|detour| format!(",{}:PLAINTEXT", name(detour)));
    format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{listeners}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{advertised}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols}
log.dirs={data}

# One node: nothing can be replicated.
default.replication.factor=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

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

# Small, like everything here.
log.segment.bytes=67108864
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"
    )
}
