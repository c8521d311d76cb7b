-- Where the source goes on in each partition: `topic/partition`.
CREATE TABLE positions (
    source TEXT PRIMARY KEY,
    next_position BIGINT NOT NULL
);
