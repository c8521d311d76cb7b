# What the official image does: KAFKA_NODE_ID becomes node.id and so on; the storage is formatted the first time.
set -e
properties=/opt/kafka/server.properties
env | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS=' | while IFS='=' read -r name value; do
    name=$(echo "${name#KAFKA_}" | tr 'A-Z_' 'a-z.')
    echo "$name=$value"
done > "$properties"
logging=-Dorg.slf4j.simpleLogger.defaultLogLevel=warn
if [ ! -f /var/lib/kafka/data/meta.properties ]; then
    java -Xmx128m $logging -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format \
        --cluster-id 5L6g3nShT-eMCtK--X86sw --config "$properties"
fi
exec java $KAFKA_HEAP_OPTS $logging -cp '/opt/kafka/libs/*' kafka.Kafka "$properties"
