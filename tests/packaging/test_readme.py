"""What the README and the docs promise is there: two commands, public names, links."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_two_commands_are_lines_of_their_own():
    commands = [text.strip() for text in blocks("")]
    assert commands == ["pip install . && castsolve demo", 'pip install ".[test]" && pytest']


def test_the_script_has_twelve_lines_and_only_public_names():
    import castsolve

    (script,) = blocks("python")
    tree = ast.parse(script)
    statements = [line for line in script.splitlines() if line.strip()]
    assert len(statements) == 12
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cs"
    }
    assert sorted(name for name in used if not hasattr(castsolve, name)) == []


def test_the_script_runs_on_the_part_of_the_demo(tmp_path, monkeypatch):
    import castsolve

    (script,) = blocks("python")
    part = Path(castsolve.__file__).parent / "demo" / "valve-body.stl"
    shutil.copy(part, tmp_path / "valve-body.stl")
    monkeypatch.chdir(tmp_path)
    quick = script.replace("voxel=4*mm", "voxel=10*mm")
    quick = re.sub(r"(?m)^cs\.view\.section\((.*)\)\.show\(\)$", r"picture = cs.view.section(\1)", quick)
    assert quick.count("10*mm") == 1
    assert quick.count("picture = ") == 1
    names: dict[str, object] = {}
    exec(compile(quick, "README.md", "exec"), names)
    assert castsolve.load("valve")["solidification_time"].shape == names["result"].frame.shape


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith(("http", "#", "mailto:"))]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_pictures_are_small(page):
    for link in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).stat().st_size < 300_000, link
