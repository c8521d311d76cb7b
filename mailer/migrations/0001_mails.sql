-- Every mail request ever taken. Times are microseconds since the Unix epoch.
-- state: queued, sent or failed. A mail is claimed by moving due_at into the future.
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX mails_due ON mails (state, due_at);
CREATE INDEX mails_changed ON mails (changed_at);
