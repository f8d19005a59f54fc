"""The Python of the guide runs, page by page, from top to bottom; its text files are read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """Return the fenced blocks of a language: the line on which each one starts, and its text."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, m.start(1)), m.group(1)) for m in found]


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda p: p.stem)
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for line, text in blocks(page, "python"):
        # Blank lines in front make a traceback name the page's own line.
        exec(compile("\n" * line + text, str(page), "exec"), names)
    assert any(not name.startswith("__") for name in names)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "toml")], ids=lambda p: p.stem)
def test_the_text_files_of_a_page_are_read(page, tmp_path):
    from castsolve.casting.case import parse_case
    from castsolve.geometry import Part

    Part.box((0.2, 0.18, 0.15), name="body").write(tmp_path / "valve-body.stl", unit="mm")
    for line, text in blocks(page, "toml"):
        if "[casting]" in text:
            assert parse_case(text, folder=tmp_path, name=f"{page.name}:{line}").casting.bodies
        else:
            assert tomllib.loads(text)
