-- A store of version 0.1.0, as `sqlite3 store.db .dump` writes it: four positions given out, the first of them expired unread.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES (1, '', '2026-11-30 12:00:00', 1, X'd09c461f0dba55e8ef2208abe74ef5d1ba2db41407818af0e2b330230dfd7b617c85f0e2da54cacc7d6b09c4e8771f48', 100000);
INSERT INTO _sqlx_migrations VALUES (2, '', '2026-11-30 12:00:00', 1, X'ada6a3e2dd7615b75e0d456d8ff7e26c403a620265957de677e55e5f9e0863988c5dca28827a91f8ec2191e9f3635af8', 100000);
CREATE TABLE head (
    id BIGINT PRIMARY KEY,
    position BIGINT NOT NULL,
    acknowledged BIGINT NOT NULL,
    expired BIGINT NOT NULL
);
INSERT INTO head VALUES (1, 4, 2, 1);
CREATE TABLE stored_pages (
    last_position BIGINT PRIMARY KEY,
    first_position BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    events TEXT NOT NULL
);
-- They expire in the year 2100.
INSERT INTO stored_pages VALUES (2, 2, 4102444800000000, '{"specversion":"1.0","id":"0192f0c1-2345-7abc-8def-000000000002","source":"/sessions/0192f0c1-0000-7000-8000-000000000001","type":"ese.click-stream.key-press","time":"2026-01-31T12:00:00Z","sequence":"2","partitionkey":"127.0.0.1","receivedtime":"2026-01-31T12:00:00.25Z","data":{"key":"f"}}');
INSERT INTO stored_pages VALUES (4, 3, 4102444800000000, '{"specversion":"1.0","id":"0192f0c1-2345-7abc-8def-000000000003","source":"/sessions/0192f0c1-0000-7000-8000-000000000001","type":"ese.click-stream.key-press","time":"2026-01-31T12:00:01Z","sequence":"3","partitionkey":"127.0.0.1","receivedtime":"2026-01-31T12:00:01.25Z","data":{"key":"f"}}
{"specversion":"1.0","id":"0192f0c1-2345-7abc-8def-000000000004","source":"/sessions/0192f0c1-0000-7000-8000-000000000001","type":"ese.order.created","time":"2026-01-31T12:00:02Z","sequence":"4","partitionkey":"127.0.0.1","receivedtime":"2026-01-31T12:00:02.25Z","data":{"order":"it''s A-1"}}');
CREATE INDEX stored_pages_expiry ON stored_pages (expires_at);
COMMIT;
