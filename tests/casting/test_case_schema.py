"""The JSON schema of the case file says what the reader takes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from castsolve.casting.case import case_schema

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "case-file.md"
CASE = """
[part]
shape = "box"
size = ["40 mm", "40 mm", "80 mm"]
[casting]
alloy = "A356"
mould = "green-sand"
pour_temperature = "720 degC"
flask = ["200 mm", "200 mm", "250 mm"]
[casting.ambient]
temperature = "30 degC"
[[rigging]]
kind = "riser"
diameter = "40 mm"
height = "60 mm"
at = "part.top"
[run]
voxel = "4 mm"
record = ["10 s", "1 min"]
critical_fraction_solid = 0.7
"""


def problems(content: dict) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    return [e.message for e in jsonschema.Draft202012Validator(case_schema()).iter_errors(content)]


def test_the_schema_knows_every_section_and_key():
    schema = case_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert {"part", "casting", "rigging", "interface", "run"} <= set(schema["properties"])
    run = schema["$defs"]["RunModel"]["properties"]
    assert run["voxel"] == {"type": "string", "description": "length with its unit", "examples": ["4 mm"], "title": "Voxel"}
    assert run["scheme"]["enum"] == ["rkl2", "rkl1", "euler"]
    assert schema["$defs"]["RunModel"]["additionalProperties"] is False


def test_a_sound_case_fits_and_a_wrong_one_does_not():
    content = tomllib.loads(CASE)
    assert problems(content) == []
    content["run"]["voxel"] = 4.0
    content["casting"]["aloy"] = content["casting"].pop("alloy")
    found = " ".join(problems(content))
    assert "4.0 is not of type 'string'" in found
    assert "aloy" in found
    assert "'alloy' is a required property" in found


def test_the_cases_of_the_guide_fit():
    blocks = [b.split("```")[0] for b in GUIDE.read_text(encoding="utf-8").split("```toml\n")[1:]]
    whole = [b for b in blocks if "[part]" in b and "[run]" in b]
    assert whole
    for block in whole:
        assert problems(tomllib.loads(block)) == []
