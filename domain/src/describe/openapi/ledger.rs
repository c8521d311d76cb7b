//! The consumer: ledger, reports, live stream, use cases; and the mails.

use serde_json::{Value, json};

use super::elements::{Paths, Types, in_path, query, refused, text};
use crate::api::{InboxMail, LedgerView, LiveMessage, SessionReport, UseCaseView};
use crate::ledger::MAX_FRAGMENTS;
use crate::mail_request::{MailRequest, MailStatus};

pub(super) fn paths(types: &mut Types) -> Paths {
    let uuid = || json!({"type": "string", "format": "uuid"});
    let ledger = json!({"get": {
        "operationId": "ledger", "tags": ["ledger"],
        "summary": "Per route and session: emitted = processed + rejected + shed + in flight + lost, and the residual",
        "description": format!(
            "`routes` has the sums of all sessions, also of those whose ledgers were pruned. A ledger with more than \
             {MAX_FRAGMENTS} ranges of numbers is closed: its balance is final, and the events that come later are only \
             counted, as `refused`."
        ),
        "parameters": [
            query("session", "Only this session.", uuid()),
            query("limit", "At most this many sessions, the latest first.", json!({"type": "integer", "minimum": 0})),
            query("inexact", "Whether only sessions with events in flight or lost, or with a residual.", json!({"type": "boolean"}))
        ],
        "responses": {"200": types.json::<LedgerView>("The ledger"), "400": refused(), "503": refused()}
    }});
    let report = json!({"post": {
        "operationId": "report", "tags": ["ledger"], "summary": "A client's own counts, as sets of numbers that only grow",
        "description": format!(
            "Each set may have {MAX_FRAGMENTS} ranges, in one report and in all reports of the session together. A report \
             past that is refused with 400, and changes nothing. A ledger that is closed stays as it is."
        ),
        "parameters": [in_path("session", "Whose.", uuid())],
        "requestBody": types.body::<SessionReport>("application/json"),
        "responses": {"204": {"description": "Entered"}, "400": refused(), "413": refused(), "503": refused()}
    }});
    let live = json!({"get": {
        "operationId": "live", "tags": ["ledger"], "summary": "Server-sent events: a snapshot first, then what changes",
        "description": "The name of an SSE event is the schema's `event`, its data the schema's `data`. `Last-Event-ID` resumes.",
        "responses": {"200": types.answer::<LiveMessage>("The stream", "text/event-stream"), "503": refused()}
    }});
    let processed = json!({"get": {
        "operationId": "processed", "tags": ["ledger"],
        "summary": "For measurements: a line of every event that this consumer processes",
        "description": "The first reader gets the lines since the start of the consumer, any other one those from now on. When \
             the consumer stops, the stream ends after the last line. Each line is `SESSION SEQUENCE ROUTE TIME`, with the \
             time of the commit in microseconds since 1970; an event that no session numbered has `-` for both. A line \
             `lagged EVENTS` stands for events whose lines are missing because they were not read fast enough. Where a \
             route's guarantee lets an event have its effects twice, it has two lines. A consumer that is killed, or that \
             gives up a slow batch, may have committed events whose lines were not sent. Not shown by the front door, \
             because every consumer has its own.",
        "responses": {"200": text("The stream", "text/plain"), "503": refused()}
    }});
    let use_cases = json!({"get": {
        "operationId": "useCases", "tags": ["ledger"], "summary": "The business rules: descriptions, settings and findings",
        "responses": {"200": types.json::<Vec<UseCaseView>>("Every use case"), "503": refused()}
    }});
    let use_case = json!({"patch": {
        "operationId": "setUseCase", "tags": ["ledger"], "summary": "Changes settings of a rule, for the events that come",
        "parameters": [in_path("id", "Its id.", json!({"type": "string"}))],
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"type": "object", "description": "The settings to change, by name."}
        }}},
        "responses": {"200": types.json::<UseCaseView>("As it is now"), "400": refused(), "404": refused(), "503": refused()}
    }});
    let mut paths = vec![
        ("/api/ledger", ledger),
        ("/api/sessions/{session}/report", report),
        ("/api/live", live),
        ("/api/processed", processed),
        ("/api/use-cases", use_cases),
        ("/api/use-cases/{id}", use_case),
    ];
    paths.extend(mails(types));
    paths
}

fn mails(types: &mut Types) -> [(&'static str, Value); 2] {
    let mails = json!({
        "get": {
            "operationId": "mails", "tags": ["mails"], "summary": "The latest mail requests and what became of them",
            "parameters": [
                query("id", "Only these: up to 200 alerts' ids with commas between them.", json!({"type": "string"}))
            ],
            "responses": {"200": types.json::<Vec<MailStatus>>("Mail requests"), "400": refused(), "503": refused()}
        },
        "post": {
            "operationId": "requestMails", "tags": ["mails"],
            "summary": "Between consumer and mailer: asks for mails, each id once; not shown by the front door",
            "requestBody": types.body::<Vec<MailRequest>>("application/json"),
            "responses": {
                "202": {"description": "Durable"},
                "400": refused(), "401": refused(), "413": refused(), "415": refused(), "503": refused()
            }
        }
    });
    let inbox = json!({"get": {
        "operationId": "inbox", "tags": ["mails"], "summary": "Mails as the inbox's SMTP server took them, newest first",
        "responses": {"200": types.json::<Vec<InboxMail>>("Mails"), "503": refused()}
    }});
    [("/api/mails", mails), ("/api/inbox", inbox)]
}
