"""Every example runs to its end, where it asserts its number."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_example(script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "\nassert " in script.read_text(encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")


def test_there_are_examples():
    assert len(SCRIPTS) >= 4
