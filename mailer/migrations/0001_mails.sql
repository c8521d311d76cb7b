-- Every mail request ever taken. Times are microseconds since the Unix epoch.
-- state: queued, sending, sent or failed. A mail is claimed by making it `sending` and due when the claim runs out.
-- interrupted: tries that were cut off, of which nobody knows whether the mail was delivered.
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    interrupted BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX mails_due ON mails (state, due_at);
CREATE INDEX mails_changed ON mails (changed_at);
