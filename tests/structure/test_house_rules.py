"""Sizes and words that the house does not want in its sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "castsolve"
PYTHON = sorted(SOURCE.rglob("*.py"))
COMPILED = sorted(p for kind in ("*.pyx", "*.pxi", "*.h") for p in SOURCE.rglob(kind))
MAX_FILE = 450
MAX_FUNCTION = 90


def label(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", PYTHON, ids=label)
def test_a_module_holds_one_subject(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < MAX_FILE
    tree = ast.parse(text)
    long = [
        f"{node.name} ({node.end_lineno - node.lineno} lines)"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= MAX_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", PYTHON, ids=label)
def test_a_module_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "no docstring at the head of the module"


@pytest.mark.parametrize("path", [*PYTHON, *COMPILED], ids=label)
def test_no_unfinished_work_is_left(path):
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b", text)
    assert found == []


@pytest.mark.parametrize("path", PYTHON, ids=label)
def test_no_error_is_swallowed(path):
    broad = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            everything = node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"}
            if everything and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body):
                broad.append(node.lineno)
    assert broad == []


@pytest.mark.parametrize("path", COMPILED, ids=label)
def test_wheels_run_on_other_processors_and_keep_the_rules_of_arithmetic(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"march=native|ffast-math|Ofast", text)
