"""``leastwise demo`` makes the audit of the month before its own day, from the evidence that it has."""

from __future__ import annotations

import json
from email import message_from_bytes, policy

from leastwise.verbs import demo


def test_the_demo_makes_an_audit_and_says_where(tmp_path):
    said = []
    demo.run(tmp_path / "demo", 1_000, said.append)
    folder = tmp_path / "demo" / "audit"
    assert [line for line in said if str(folder / "audit.html") in line]
    told = json.loads((folder / "audit.json").read_text("utf-8"))
    assert told["month"] == "2026-10"
    assert len(told["principals"]) == 8
    assert told["principals"][0]["name"] == "support-console", "who tried to attach AdministratorAccess"
    read = message_from_bytes((folder / "audit.eml").read_bytes(), policy=policy.default)
    assert (read["From"], read["To"]) == ("leastwise@acme.example", "security@acme.example")
    text = read.get_body(("plain",)).get_content()
    assert text.split() == (folder / "audit.txt").read_text("utf-8").split()
