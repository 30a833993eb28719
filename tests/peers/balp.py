"""FHIR AuditEvents judged by software of others (PyPI `fhir.resources` 8.3.0, R4B), and by the rules
of IHE BALP 1.1.3 that it does not know.

    python3 -m pip install fhir.resources==8.3.0
    python3 tests/peers/balp.py events.fhir.ndjson

The rules are those of the profiles Read, Create, Update and Delete, each with and without Patient,
of https://profiles.ihe.net/ITI/BALP/ : type, subtype, action, outcome, the agents client, server and
user with who and network, source, and the entities patient and data.
"""
import json
import sys

from fhir.resources.R4B.auditevent import AuditEvent

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
DCM = "http://dicom.nema.org/resources/ontology/DCM"
REST = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTION = "http://hl7.org/fhir/restful-interaction"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
CUSTODIAN = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
SOURCES = {(PARTICIPATION, code) for code in ("AUT", "INF", "CST")}
# subtypes, action, client, server, user
PATTERNS = {
    "Read": ({"read", "vread"}, "R", (DCM, "110152"), (DCM, "110153"), {(PARTICIPATION, "IRCP")}),
    "Create": ({"create"}, "C", (DCM, "110153"), (DCM, "110152"), SOURCES),
    "Update": ({"update", "patch"}, "U", (DCM, "110153"), (DCM, "110152"), SOURCES),
    "Delete": ({"delete"}, "D", (DCM, "110150"), (CUSTODIAN, "custodian"), SOURCES),
}
USER_HAS_NOT = ("media", "network")
DELETED_HAS_NOT = ("lifecycle", "name", "query", "detail")


def code(coding):
    return coding.get("system"), coding.get("code")


def agents(event, wanted):
    return [a for a in event["agent"] if any(code(c) in wanted for c in a.get("type", {}).get("coding", []))]


def entities(event, number):
    return [e for e in event["entity"] if code(e.get("type", {})) == (ENTITY, number)]


def check_pattern(event, name, patient):
    subtypes, action, client, server, user = PATTERNS[name]
    assert code(event["type"]) == (REST, "rest"), "type"
    assert any(code(s) in {(INTERACTION, t) for t in subtypes} for s in event["subtype"]), "subtype"
    assert event["action"] == action and event["recorded"], "action"
    for role in (client, server):
        found = agents(event, {role})
        assert len(found) == 1, f"one agent {role}"
        assert found[0].get("who") and found[0].get("network") and not found[0].get("media"), f"agent {role}"
    users = agents(event, user)
    assert len(users) <= 1, "one user"
    for one in users:
        assert one.get("who") and one["requestor"] is True, "user"
        assert not any(member in one for member in USER_HAS_NOT), "user"
    assert event["source"].get("observer"), "source"
    data = entities(event, "2")
    assert len(data) == 1 and data[0].get("what") and code(data[0]["role"]) in {(ROLE, r) for r in ("4", "3", "20")}
    people = entities(event, "1")
    assert len(people) == int(patient), "patient"
    for person in people:
        assert code(person["role"]) == (ROLE, "1") and person["what"].get("type") == "Patient", "patient"
    if name == "Delete":
        assert len(event["entity"]) == 2 and len(event["agent"]) in (2, 3)
        for entity in event["entity"]:
            assert not any(member in entity for member in DELETED_HAS_NOT), "deleted"


def check(event):
    AuditEvent.model_validate(event)
    profiles = event.get("meta", {}).get("profile", [])
    if event["outcome"] == "0":
        assert "outcomeDesc" not in event
    else:
        # The profiles are for what succeeded.
        assert not profiles and event["outcome"] in ("4", "8") and event["outcomeDesc"], "a failure"
    for profile in profiles:
        assert profile.startswith(PROFILES), profile
        name = profile.removeprefix(PROFILES)
        check_pattern(event, name.removeprefix("Patient"), name.startswith("Patient"))
    if not profiles and code(event["type"]) == (REST, "rest"):
        # Refused or failed: the same parts.
        name = next(name for name, pattern in PATTERNS.items() if pattern[1] == event["action"])
        check_pattern(event, name, bool(entities(event, "1")))
    return profiles[0].removeprefix(PROFILES) if profiles else event["outcome"]


def refuses(event, change):
    changed = json.loads(json.dumps(event))
    change(changed)
    try:
        check(changed)
    except (AssertionError, KeyError, ValueError):
        return
    raise SystemExit("a wrong event passed: the rules are not looked at")


def main(path):
    counts = {}
    sample = None
    for line in open(path, encoding="utf-8"):
        event = json.loads(line)
        kind = check(event)
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "PatientRead":
            sample = event
    assert {"PatientRead", "PatientCreate"} <= counts.keys(), counts
    # What looks right and is not.
    refuses(sample, lambda e: e["entity"].pop(0))
    refuses(sample, lambda e: e["agent"].pop(0))
    refuses(sample, lambda e: e["agent"][1].pop("network"))
    refuses(sample, lambda e: e.pop("source"))
    refuses(sample, lambda e: e.update(outcome="8"))
    refuses(sample, lambda e: e.update(action="Q"))
    print("fhir:", counts)


if __name__ == "__main__":
    main(*sys.argv[1:])
