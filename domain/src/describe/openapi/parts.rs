//! The parts and their probes, and the descriptions themselves.

use serde_json::{Value, json};

use super::elements::{Paths, Types, both, in_path, refused, text};
use crate::ByRoute;
use crate::api::faults::{ActiveFault, FAULT_TOKEN, FaultRequest, FaultsView};
use crate::api::simulation::{MAX_ANNOUNCED, MAX_RATE, Parameters, Progress, SimulationView};
use crate::api::{DiskView, GuaranteeView};
use crate::guarantee::Guarantee;

pub(super) fn paths(types: &mut Types) -> Paths {
    let get = |name: &str, summary: &str, responses: Value| json!({"get": {"operationId": name, "tags": ["parts"], "summary": summary, "responses": responses}});
    let part = json!({
        "type": "object", "required": ["name", "up"],
        "properties": {
            "name": {"type": "string"},
            "up": {"type": "boolean", "description": "Whether it is ready."},
            "pid": {"type": "integer", "description": "Its process, if it runs and is ours."},
            "since": {"type": "string", "format": "date-time", "description": "Since when it runs."},
            "trouble": {"type": "string", "description": "What is wrong, if it is not ready."},
            "last_lines": {"type": "array", "items": {"type": "string"}, "description": "The end of its output, if it ended."}
        }
    });
    let parts = json!({"description": "The parts", "content": {"application/json": {"schema": {"type": "array", "items": part}}}});
    let plain = "text/plain";
    let scenarios = json!({"200": object("An array of scenarios, as docs/schemas/scenario.json describes them")});
    let results = json!({"200": object("As docs/schemas/results.json describes them")});
    let report = json!({"200": text("A page without scripts", "text/html")});
    let document = json!({"200": object("OpenAPI 3.1")});
    let state = |description: &str| {
        let mut answer = text(description, plain);
        answer["content"]["application/json"] = json!({"schema": {
            "type": "object", "required": ["ready", "down"],
            "properties": {"ready": {"type": "boolean"}, "down": {"type": "array", "items": part}}
        }});
        answer
    };
    let ready = json!({
        "200": state("It is; a server that only a part of it needs is named while it does not answer"),
        "503": state("Starting or stopping, or a part or a server that it needs does not answer, which is named")
    });
    let metrics = json!({"200": text("Text format 0.0.4", plain)});
    let mut paths: Paths = vec![
        ("/api/parts".into(), get("parts", "Every part and how it is", json!({"200": parts}))),
        ("/api/faults".into(), faults(types)),
        (
            "/api/faults/{id}".into(),
            json!({"delete": {
                "operationId": "stopFault", "tags": ["parts"], "summary": "Ends an active fault",
                "parameters": [in_path("id", "The number of the fault.", json!({"type": "integer", "format": "int64", "minimum": 1})), fault_token()],
                "responses": {"204": {"description": "It has ended"}, "400": refused(), "403": refused(), "404": refused()}
            }}),
        ),
        ("/api/guarantee".into(), guarantee(types)),
        ("/api/simulation".into(), simulation(types)),
        ("/api/simulation/{id}".into(), announcement(types)),
        ("/api/compare".into(), comparison()),
        (
            "/api/compare/click".into(),
            json!({"post": {
                "operationId": "click", "tags": ["parts"], "summary": "Sends a click of the visitor in the run under way",
                "responses": {"202": {"description": "It is sent"}, "403": refused(), "409": refused()}
            }}),
        ),
        ("/api/compare/scenarios".into(), get("scenarios", "The scenarios that come with the program", scenarios)),
        (
            "/api/compare/results".into(),
            get(
                "comparisonResults",
                "The results of the last comparison; before the first one, of the published one",
                results,
            ),
        ),
        (
            "/api/compare/report".into(),
            get("comparisonReport", "The report of the last comparison; `?download` as a file", report),
        ),
        ("/api/openapi.json".into(), get("openapi", "This description", document)),
        (
            "/api/docs".into(),
            get("docs", "This description, to be read", json!({"200": text("A page without scripts", "text/html")})),
        ),
        ("/livez".into(), get("livez", "Whether the process answers", json!({"200": text("It does", plain)}))),
        (
            "/readyz".into(),
            get("readyz", "Whether it is ready for work; the front door answers for all parts, in JSON", ready),
        ),
        (
            "/metrics".into(),
            get("metrics", "Metrics of a service for Prometheus; at the front door the backend's", metrics),
        ),
    ];
    paths.extend(disk(types));
    paths
}

fn disk(types: &mut Types) -> Paths {
    let mut of = |name: &str, part: &str| {
        let summary = format!("How much the {part} keeps in its database, and its bounds");
        let path = json!({"get": {
            "operationId": name, "tags": ["parts"], "summary": summary,
            "responses": {"200": types.json::<DiskView>("As it was measured last, 20 s ago at most"), "503": refused()}
        }});
        (format!("/api/disk/{part}").into(), path)
    };
    vec![of("backendDisk", "backend"), of("consumerDisk", "consumer"), of("mailerDisk", "mailer")]
}

fn fault_token() -> Value {
    json!({
        "name": FAULT_TOKEN, "in": "header", "required": true, "schema": {"type": "string"},
        "description": "The token of GET /api/faults, new at each start."
    })
}

fn faults(types: &mut Types) -> Value {
    let mut started = types.json::<ActiveFault>("It is in effect");
    started["links"] = json!({"end": {"operationId": "stopFault", "parameters": {"id": "$response.body#/id"}}});
    json!({
        "get": {
            "operationId": "faults", "tags": ["parts"], "summary": "All faults of this stack, and the active ones",
            "description": "Served by `ese up`, but not with --no-faults.",
            "responses": {"200": types.json::<FaultsView>("All faults, the active ones, and the token")}
        },
        "post": {
            "operationId": "startFault", "tags": ["parts"], "summary": "Starts a fault",
            "parameters": [fault_token()],
            "requestBody": with_example(types.body::<FaultRequest>("application/json"), json!({
                "kind": "latency", "target": "mailer-inbox", "parameters": {"latency_ms": 50, "jitter_ms": 10}, "seconds": 2
            })),
            "responses": {
                "201": started,
                "400": refused(), "403": refused(), "404": refused(), "409": refused(),
                "413": refused(), "415": refused(), "422": refused()
            }
        },
        "delete": {
            "operationId": "restoreAll", "tags": ["parts"], "summary": "Ends all active faults",
            "parameters": [fault_token()],
            "responses": {"204": {"description": "All have ended"}, "403": refused()}
        }
    })
}

fn guarantee(types: &mut Types) -> Value {
    json!({
        "get": {
            "operationId": "guarantee", "tags": ["parts"], "summary": "The guarantee of each route, and the choices",
            "responses": {"200": types.json::<GuaranteeView>("Both")}
        },
        "put": {
            "operationId": "setGuarantee", "tags": ["parts"],
            "summary": "Sets the guarantees of the routes named, for the events that come",
            "description": "The parts follow within 0.2 s. Served by `ese up`, but not with --no-faults.",
            "parameters": [fault_token()],
            "requestBody": types.body::<ByRoute<Guarantee>>("application/json"),
            "responses": {
                "200": types.json::<GuaranteeView>("As it is now"),
                "400": refused(), "403": refused(), "413": refused(), "415": refused(), "422": refused()
            }
        }
    })
}

/// A JSON body with an example of it.
fn with_example(mut body: Value, example: Value) -> Value {
    body["content"]["application/json"]["example"] = example;
    body
}

fn object(description: &str) -> Value {
    json!({"description": description, "content": {"application/json": {}}})
}

fn comparison() -> Value {
    let request = json!({"type": "object", "additionalProperties": false, "properties": {
        "scenario": {"type": ["string", "null"], "description": "The name of one scenario; without it the quick comparison."},
        "repetitions": {"type": ["integer", "null"], "minimum": 1, "maximum": 5, "description": "By default 1 for one scenario, 3 for the quick comparison."}
    }});
    json!({
        "get": {
            "operationId": "comparison", "tags": ["parts"], "summary": "The comparison under way, and the outcome of the last one",
            "description": "Served by `ese up`.",
            "responses": {"200": object("`running`: how it goes; `last`: the outcome of the last one, in words; before the first one, that of the published one")}
        },
        "post": {
            "operationId": "startComparison", "tags": ["parts"], "summary": "Starts a comparison on stacks of its own",
            "description": "One at a time.",
            "requestBody": {"required": true, "content": {"application/json": {"schema": request}}},
            "responses": {
                "202": {"description": "It is under way"},
                "400": refused(), "403": refused(), "404": refused(), "409": refused(),
                "413": refused(), "415": refused(), "422": refused()
            }
        },
        "delete": {
            "operationId": "stopComparison", "tags": ["parts"], "summary": "Stops the comparison; its finished runs are kept",
            "responses": {"202": {"description": "It is stopping"}, "403": refused(), "404": refused()}
        }
    })
}

fn simulation(types: &mut Types) -> Value {
    let slower = json!({"properties": {"rate": {"maximum": MAX_RATE}}});
    let slower = both(types.0.subschema_for::<Parameters>().into(), slower);
    json!({
        "get": {
            "operationId": "simulation", "tags": ["parts"], "summary": "How the simulation under way goes, and what came of the last one",
            "responses": {"200": types.json::<SimulationView>("Both")}
        },
        "post": {
            "operationId": "startSimulation", "tags": ["parts"], "summary": "Starts a simulation",
            "description": "One at a time, with at most 500 clients, 5000 events per second and 600 seconds.",
            "requestBody": with_example(
                json!({"required": true, "content": {"application/json": {"schema": slower}}}),
                json!({"clients": 5, "rate": 20, "seconds": 3, "route": "all"})
            ),
            "responses": {
                "202": types.json::<SimulationView>("It is under way"),
                "400": refused(), "403": refused(), "409": refused(), "413": refused(), "415": refused(), "422": refused()
            }
        },
        "delete": {
            "operationId": "stopSimulation", "tags": ["parts"], "summary": "Ends the simulation under way",
            "description": "No more events come to be; what was sent is seen through.",
            "responses": {"202": {"description": "It ends"}, "403": refused(), "404": refused()}
        }
    })
}

fn announcement(types: &mut Types) -> Value {
    json!({"put": {
        "operationId": "announceSimulation", "tags": ["parts"],
        "summary": "Shows a simulation that runs elsewhere, for the next seconds",
        "description": format!("`ese simulate` sends it each second. At most {MAX_ANNOUNCED} are shown at the same time."),
        "parameters": [in_path("id", "Chosen by the simulation.", json!({"type": "string", "format": "uuid"}))],
        "requestBody": types.body::<Progress>("application/json"),
        "responses": {
            "204": {"description": "It is shown"},
            "400": refused(), "403": refused(), "413": refused(), "415": refused(), "422": refused(), "503": refused()
        }
    }})
}
