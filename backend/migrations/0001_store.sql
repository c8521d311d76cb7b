-- http-poll's store. One row gives out the positions: its lock, held until commit, makes positions ascend in commit order.
CREATE TABLE head (
    id BIGINT PRIMARY KEY,
    position BIGINT NOT NULL,
    acknowledged BIGINT NOT NULL,
    expired BIGINT NOT NULL
);
INSERT INTO head (id, position, acknowledged, expired) VALUES (1, 0, 0, 0);

CREATE TABLE stored_events (
    position BIGINT PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    event TEXT NOT NULL
);
CREATE INDEX stored_events_expiry ON stored_events (expires_at);
