#!/usr/bin/env python3
"""The dashboard as code: writes dashboards/ese.json, with `--check` only compares, and with `--against URL` asks a
Prometheus every query of it: all must be understood, and with `--data` all must have an answer.
"""

import argparse
import json
import pathlib
import sys
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
OUT = HERE / "dashboards" / "ese.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
# A color for each route, as on the page.
ROUTES = {"http-push": "#1f78c8", "http-poll": "#d0611f", "kafka": "#00916d"}
RATE = "$__rate_interval"


def quantile(q, metric, by="route"):
    return f"histogram_quantile({q}, sum by ({by}, le) (rate({metric}_bucket[{RATE}])))"


def rate(metric, by, where=""):
    return f"sum by ({by}) (rate({metric}{where}[{RATE}]))"


# Where nothing is turned away there is no series for it, but the answer is 0, not nothing.
TURNED_AWAY = "({} or 0 * {}) / {}".format(
    rate("ese_ingest_events_total", "route", '{outcome="retry"}'),
    rate("ese_ingest_events_total", "route"),
    rate("ese_ingest_events_total", "route"),
)


def colors():
    matcher = lambda route: {"id": "byRegexp", "options": f"/^{route}\\b.*/"}
    value = lambda color: [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}]
    return [{"matcher": matcher(route), "properties": value(color)} for route, color in ROUTES.items()]


OPTIONS = {
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"]}, "textMode": "value_and_name", "colorMode": "background"},
    "timeseries": {
        "tooltip": {"mode": "multi", "sort": "desc"},
        "legend": {"displayMode": "list", "placement": "bottom"},
    },
}


def panel(kind, title, about, unit, queries, **more):
    """`queries` are (expression, legend); `more` goes into the panel's own options."""
    defaults = {"unit": unit, "min": more.pop("min", 0)}
    defaults.update(more.pop("defaults", {}))
    target = lambda i, expr, legend: {"refId": "ABCD"[i], "datasource": SOURCE, "expr": expr, "legendFormat": legend}
    return {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": SOURCE,
        "targets": [{**target(i, *query), "instant": kind == "stat"} for i, query in enumerate(queries)],
        "fieldConfig": {"defaults": defaults, "overrides": [] if kind == "stat" else colors()},
        "options": OPTIONS[kind],
    }


def lines(title, about, unit, *queries, **more):
    return panel("timeseries", title, about, unit, queries, **more)


def steps(*bounds):
    """Green, and from each bound on the color given with it."""
    colored = [{"color": "green", "value": None}, *({"color": color, "value": bound} for bound, color in bounds)]
    return {"thresholds": {"mode": "absolute", "steps": colored}, "color": {"mode": "thresholds"}}


def stat(title, about, unit, *queries, **defaults):
    return panel("stat", title, about, unit, queries, defaults=defaults, min=None)


# Each row answers one question; a panel is as wide as its share of 24 columns.
ROWS = [
    ("Are the routes healthy?", 4, [
        stat("Parts up", "Each process that answers Prometheus, and whether Kafka and PostgreSQL answer all that need them.", "short", ("sum by (job) (up)", "{{job}}"), ("min by (dependency) (ese_dependency_up)", "{{dependency}}"), **steps()),
        stat("Lost", "Accepted, and not there although the route was seen empty since.", "short", ('sum by (route) (ese_ledger_events{term="lost"})', "{{route}}"), **steps((1, "red"))),
        stat("Residual", "Events that the ledger cannot explain: always 0.", "short", ("sum by (route) (abs(ese_ledger_residual_events))", "{{route}}"), **steps((1, "red"))),
        stat("Turned away", "Share of events that are refused for now.", "percentunit", (TURNED_AWAY, "{{route}}"), **steps((0.01, "orange"), (0.05, "red"))),
    ]),
    ("", 8, [
        lines("Events in", "What the backends answered, per route and outcome.", "ops", (rate("ese_ingest_events_total", "route, outcome"), "{{route}} {{outcome}}")),
        lines("Events processed", "Events that the consumer entered into its ledger; a duplicate has no effect.", "ops", (rate("ese_processed_events_total", "route, seen"), "{{route}} {{seen}}")),
        lines("Requests at HAProxy", "Answers of the backends that take events, by status.", "reqps", ('sum by (code) (rate(haproxy_backend_http_responses_total{proxy="ingest"}[' + RATE + "]))", "{{code}}")),
    ]),
    ("Which lags?", 8, [
        lines("Events waiting", "On each route, for the consumer.", "short", ("sum by (route) (ese_consumer_lag_events)", "{{route}}")),
        lines("Time behind", "Since the route was last seen empty.", "s", ("max by (route) (ese_consumer_lag_seconds)", "{{route}}")),
        lines("Waiting in the backends", "Bytes of events in the queues before each route; past their bound comes 503.", "bytes", ("sum by (route) (ese_queue_bytes)", "{{route}}")),
    ]),
    ("Where is time spent?", 8, [
        lines("To the backend", "From the client's clock to the backend's: 99 of 100 are faster.", "s", (quantile(0.99, "ese_producer_hop_seconds"), "{{route}} p99"), (quantile(0.5, "ese_producer_hop_seconds"), "{{route}} p50")),
        lines("Until accepted", "How long the backend waits for the route's promise.", "s", (quantile(0.99, "ese_sink_seconds"), "{{route}} p99"), (quantile(0.5, "ese_sink_seconds"), "{{route}} p50")),
    ]),
    ("", 8, [
        lines("On the route", "From the backend until the consumer's source has it.", "s", (quantile(0.99, "ese_route_hop_seconds"), "{{route}} p99"), (quantile(0.5, "ese_route_hop_seconds"), "{{route}} p50")),
        lines("In the step", "From the source until the transaction is committed.", "s", (quantile(0.99, "ese_process_hop_seconds"), "{{route}} p99"), (quantile(0.5, "ese_process_hop_seconds"), "{{route}} p50")),
    ]),
    ("What got lost?", 8, [
        lines("The ledger", "emitted = processed + rejected + shed + in flight + lost", "short", ("sum by (route, term) (ese_ledger_events)", "{{route}} {{term}}")),
        lines("Doubled and out of order", "Seen again, or after a later one of the same session.", "short", ('sum by (route, term) (ese_ledger_events{term=~"duplicates|reordered"})', "{{route}} {{term}}")),
        lines("Dead letters", "Records of Kafka that could not be processed, in the last ten minutes.", "short", ("sum by (topic) (increase(ese_dead_letters_total[10m])) or vector(0)", "{{topic}}")),
    ]),
    ("What came of it?", 8, [
        lines("Alerts", "How often each rule fired.", "ops", (rate("ese_alerts_total", "use_case, route"), "{{route}} {{use_case}}")),
        lines("Mails that wait", "In the consumer's outbox, and at the mailer.", "short", ("sum(ese_outbox_mails)", "outbox"), ("sum(ese_mails_waiting)", "mailer")),
        lines("Tries to deliver", "By SMTP, per outcome.", "ops", (rate("ese_mail_attempts_total", "outcome"), "{{outcome}}")),
    ]),
]


def dashboard():
    panels, y = [], 0
    for title, height, row in ROWS:
        if title:
            panels.append({"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
            y += 1
        width = 24 // len(row)
        for i, one in enumerate(row):
            panels.append({**one, "gridPos": {"x": i * width, "y": y, "w": width, "h": height}})
        y += height
    return {
        "uid": "ese",
        "title": "ESE: plain HTTP, or Kafka?",
        "tags": ["ese"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "5s",
        "time": {"from": "now-15m", "to": "now"},
        "graphTooltip": 1,
        "panels": [{"id": i + 1, **one} for i, one in enumerate(panels)],
    }


def check(prometheus, data):
    """How many queries fail, or, with `data`, have no answer."""
    bad = 0
    for one in dashboard()["panels"]:
        for target in one.get("targets", []):
            query = urllib.parse.urlencode({"query": target["expr"].replace(RATE, "1m")})
            try:
                with urllib.request.urlopen(f"{prometheus}/api/v1/query?{query}", timeout=10) as answer:
                    found = json.load(answer)["data"]["result"]
            except (OSError, KeyError, ValueError) as error:
                print(f"FAILED  {one['title']}: {target['expr']}: {error}")
                bad += 1
                continue
            numbers = [series for series in found if series["value"][1] != "NaN"]
            word = "ok     " if numbers else "EMPTY  "
            bad += data and not numbers
            print(f"{word} {one['title']}: {len(numbers)} series: {target['expr']}")
    return bad


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    options.add_argument("--against", metavar="URL")
    options.add_argument("--data", action="store_true")
    given = options.parse_args()
    text = json.dumps(dashboard(), indent=2) + "\n"
    if given.against:
        sys.exit(1 if check(given.against.rstrip("/"), given.data) else 0)
    if given.check:
        sys.exit(None if OUT.read_text() == text else f"{OUT} is not what this script writes: run it")
    OUT.write_text(text)


if __name__ == "__main__":
    main()
