//! The consumer: ledger, reports, live stream, use cases; and the mails.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::elements::{Paths, Types, in_path, only_at, query, refused, text};
use crate::Kind;
use crate::api::{InboxMail, LedgerView, LiveMessage, MAX_SESSIONS, SessionReport, UseCaseView};
use crate::ledger::MAX_FRAGMENTS;
use crate::mail_request::{ADDRESS, MAX_ADDRESS_BYTES, MailRequest, MailStatus};
use crate::rules::{self, Field, Form, Settings, UseCase};

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
            query("limit", "At most this many sessions, the latest first.", json!({"type": "integer", "minimum": 1, "maximum": MAX_SESSIONS, "default": 100})),
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
        "description": "The schema is of each SSE event. `Last-Event-ID` resumes.",
        "responses": {"200": types.answer::<LiveMessage>("The stream", "text/event-stream"), "503": refused()}
    }});
    let processed = json!({"get": {
        "operationId": "processed", "tags": ["ledger"],
        "summary": "For measurements: a line of every event that this consumer processes",
        "servers": only_at("consumer"),
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
    let mut paths: Paths = vec![
        ("/api/ledger".into(), ledger),
        ("/api/sessions/{session}/report".into(), report),
        ("/api/live".into(), live),
        ("/api/processed".into(), processed),
        ("/api/use-cases".into(), use_cases),
    ];
    paths.extend(rules::all().iter().map(|rule| use_case(types, &**rule)));
    paths.extend(mails(types));
    paths
}

/// A rule's own address: each rule has settings of its own.
fn use_case(types: &mut Types, rule: &dyn UseCase) -> (Cow<'static, str>, Value) {
    let (id, title) = (rule.id(), rule.about(&Settings::default_of(&rule.fields())).title);
    let fields = rule.fields().into_iter().chain([Field::recipient("")]);
    let settings: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.to_owned(), setting(types, &field.form))).collect();
    let path = json!({
        "get": {
            "operationId": format!("useCase-{id}"), "tags": ["ledger"], "summary": format!("The rule *{title}*, as it is now"),
            "responses": {"200": types.json::<UseCaseView>("The rule"), "503": refused()}
        },
        "patch": {
            "operationId": format!("setUseCase-{id}"), "tags": ["ledger"],
            "summary": format!("Changes settings of the rule *{title}*, for the events that come"),
            "requestBody": {"required": true, "content": {"application/json": {
                "schema": {"type": "object", "properties": settings, "additionalProperties": false}
            }}},
            "responses": {
                "200": types.json::<UseCaseView>("As it is now"),
                "400": refused(), "413": refused(), "415": refused(), "503": refused()
            }
        }
    });
    (format!("/api/use-cases/{id}").into(), path)
}

/// The schema of a setting.
fn setting(types: &mut Types, form: &Form) -> Value {
    match form {
        Form::Number { min, max, unit } => {
            json!({"type": "integer", "minimum": min, "maximum": max, "description": format!("In {unit}.")})
        }
        Form::Kind => types.0.subschema_for::<Kind>().into(),
        Form::Address => json!({"type": "string", "pattern": ADDRESS, "maxLength": MAX_ADDRESS_BYTES}),
    }
}

fn mails(types: &mut Types) -> [(Cow<'static, str>, Value); 2] {
    let uuid = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    let ids = json!({"type": "string", "pattern": format!("^{uuid}(,{uuid}){{0,199}}$")});
    let mails = json!({
        "get": {
            "operationId": "mails", "tags": ["mails"], "summary": "The latest mail requests and what became of them",
            "parameters": [
                query("id", "Only these: up to 200 alerts' ids with commas between them.", ids)
            ],
            "responses": {"200": types.json::<Vec<MailStatus>>("Mail requests"), "400": refused(), "503": refused()}
        },
        "post": {
            "operationId": "requestMails", "tags": ["mails"],
            "summary": "Between consumer and mailer: asks for mails, each id once; not shown by the front door",
            "servers": only_at("mailer"),
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
    [("/api/mails".into(), mails), ("/api/inbox".into(), inbox)]
}
