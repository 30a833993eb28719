"""Exports judged by software of others: OCSF (PyPI `ocsf-json-schema` 1.2.0 with `jsonschema`), CEF
(PyPI `pycef` 1.11), CSV (Python's `csv`), ECS (the field list of npm `@elastic/ecs`, if it is given).

    python3 -m pip install ocsf-json-schema==1.2.0 jsonschema pycef==1.11
    python3 tests/peers/exports.py FOLDER [ECS_TYPES]

FOLDER has an export of the same entries in each of the folders jsonl, ocsf, cef, csv and ecs.
"""
import csv
import json
import pathlib
import re
import sys

import jsonschema
import pycef
from ocsf_json_schema import OcsfJsonSchemaEmbedded
from ocsf_json_schema.loader import get_ocsf_schema


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def ocsf(folder, entries):
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0")).get_class_schema("datastore_activity")
    validator = jsonschema.validators.validator_for(schema)(schema)
    events = [json.loads(line) for line in lines(folder / "events.ocsf.jsonl")]
    assert [event["metadata"]["sequence"] for event in events] == [entry["seq"] for entry in entries]
    for event, entry in zip(events, entries):
        errors = list(validator.iter_errors(event))
        assert not errors, errors[0]
        assert event["status"] == ("Success" if entry["outcome"] == "ok" else "Failure")
    for missing in ("src_endpoint", "database", "actor", "metadata"):
        event = {name: value for name, value in events[0].items() if name != missing}
        assert list(validator.iter_errors(event)), f"the schema does not mind that {missing} is missing"
    return len(events)


def cef(folder, entries):
    events = [pycef.parse(line) for line in lines(folder / "events.cef")]
    by_entry = {}
    for event in events:
        assert event and event["CEFVersion"] == "0" and event["DeviceVendor"] == "Amanah", event
        by_entry.setdefault(int(event["externalId"]), []).append(event)
    for entry in entries:
        told = by_entry.pop(entry["seq"])
        # What overseers opened without the centre is told of them, and not of who took it in.
        admitted = entry["action"] == "ledger.admit" and entry["outcome"] != "refused"
        doer = entry["detail"] if admitted else entry["actor"]
        for event in told:
            assert event["suser"] == doer and event["act"] == entry["action"]
            assert event["DeviceEventClassID"] == entry["action"]
            assert event["outcome"] == ("success" if entry["outcome"] == "ok" else "failure")
            assert event.get("admittedBy") == (entry["actor"] if admitted else None), event
            # pycef puts a custom string under its label.
            assert event.get("purpose") == entry.get("purpose"), event
        records = [record for event in told for record in event.get("records", "").split()]
        assert records == [record for subject in entry.get("subjects", []) for record in subject["records"]]
    assert not by_entry
    return len(events)


def table(folder, entries):
    with open(folder / "events.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [row["seq"] for row in rows] == [
        str(entry["seq"])
        for entry in entries
        for _ in range(sum(max(1, len(s["records"])) for s in entry.get("subjects", [])) or 1)
    ]
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row.values())
    return len(rows)


def field_names(folder):
    """The names of all fields, from the declarations of `@elastic/ecs`: one file for each field set."""
    known = set()
    for path in pathlib.Path(folder).glob("*.d.ts"):
        within = [] if path.name == "base.d.ts" else [path.name.removesuffix(".d.ts")]
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for line in map(str.strip, text.splitlines()):
            member = re.match(r"['\"]?([@\w]+)['\"]?\??:\s*(.*)", line)
            if member and member[2].startswith("{"):
                within.append(member[1])
            elif member:
                known.add(".".join(within + [member[1]]))
            elif line.startswith("}") and within:
                within.pop()
    return known


def names(value, prefix=""):
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from names(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def ecs(folder, entries, types):
    events = [json.loads(line) for line in lines(folder / "events.ecs.jsonl")]
    assert [event["event"]["sequence"] for event in events] == [entry["seq"] for entry in entries]
    used = {name for event in events for name in names(event) if not name.startswith("amanah.")}
    for event in events:
        assert event["event"]["category"] == ["database"] and event["event"]["kind"] == "event"
        assert event["event"]["outcome"] in ("success", "failure", "unknown")
    if types:
        known = field_names(types)
        assert {"@timestamp", "event.action", "user.group.name"} <= known and len(known) > 500, len(known)
        unknown = sorted(used - known)
        assert not unknown, unknown
    return len(events)


def main(folder, types=None):
    folder = pathlib.Path(folder)
    entries = [json.loads(line) for line in lines(folder / "jsonl/ledger.jsonl")]
    print("ocsf:", ocsf(folder / "ocsf", entries), "events")
    print("cef:", cef(folder / "cef", entries), "events")
    print("csv:", table(folder / "csv", entries), "rows")
    print("ecs:", ecs(folder / "ecs", entries, types), "events", "" if types else "(field names not compared)")


if __name__ == "__main__":
    main(*sys.argv[1:])
