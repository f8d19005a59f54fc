"""Make the pages of docs/castings again: ``python docs/make_castings.py [classical] [sheets]``, both without a word.

``classical.md`` holds what tests/verification/test_classical_castings.py compares, as it compares it. ``sheets.md`` holds the
verdict sheets of the four example parts, naked and rigged, with their pictures.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from make_pictures import shrink

import castsolve as cs
from castsolve.casting import SandCasting
from castsolve.defects import Verdicts
from castsolve.feeding import advise
from castsolve.units import mm

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = HERE / "castings"
# Job: voxel (m), and the plane of the picture.
JOBS: dict[str, tuple[float, dict[str, Any]]] = {
    "globe_valve": (6 * mm, {"axis": "y", "at": 2 * mm}),
    "steering_knuckle": (4 * mm, {"axis": "z", "at": 8 * mm}),
    "motor_housing": (7 * mm, {"axis": "y", "at": 2 * mm}),
    "brake_disc": (4 * mm, {"axis": "y", "at": 2 * mm}),
}
_WORTH = ("severe", "warning", "note")


def naked(casting: SandCasting) -> SandCasting:
    """Return a casting with nothing but its cores."""
    kept = [piece for piece in casting.rigging if isinstance(piece, cs.Core)]
    planes = {plane.letter: plane.coordinate for plane in casting.planes}
    return SandCasting(
        casting.part, more_parts=casting.more_parts, alloy=casting.alloy, mould=casting.mould, rigging=kept,
        pour_temperature=casting.pour_temperature, pour_time=casting.pour_time, symmetry=planes or None, name=casting.name,
    )  # fmt: skip


def rows_of(table: Verdicts) -> list[str]:
    """Return the findings worth reading as a table in Markdown, and how many more there are."""
    lines = ["| | severity | finding | value | at, mm | cause | do |", "|---|---|---|---|---|---|---|"]
    left = 0
    for number, row in enumerate(table, start=1):
        if row.severity not in _WORTH or "not judged" in row.cause:
            left += 1
            continue
        place = ", ".join(f"{c / mm:.0f}" for c in row.place) if row.place else ""
        lines.append(f"| {number} | {row.severity} | {row.defect} | {row.shown} | {place} | {row.cause} | {row.advice} |")
    return [*lines, "", f"{left} more rows are in order, or were not judged (no filling was run). Worst data: {table.quality}."]


def sheet(name: str, folder: Path) -> list[str]:
    """Return the section of one part, and draw its pictures."""
    voxel, plane = JOBS[name]
    rigged = cs.read_case(ROOT / "examples" / f"{name}.toml").casting
    lines = [f"## {name.replace('_', ' ').capitalize()}", ""]
    lines += [f"{rigged.alloy.name} in {rigged.mould.name}, voxels of {voxel / mm:g} mm."]
    for state, casting in (("naked", naked(rigged)), ("rigged", rigged)):
        result = cs.solidify(casting, voxel=voxel)
        table = cs.verdicts(result)
        counts = ", ".join(f"{count} {severity}" for severity, count in table.counts().items())
        yielded = table.of("casting yield")[0]
        file = f"{name.replace('_', '-')}-{state}.png"
        title = f"{casting.part.name}, {state}\nsolidification time, findings as numbered"
        picture = cs.view.section(result, verdicts=table, title=title, **plane)
        shrink(picture.save(folder / "picture.png"), TARGET / file)
        lines += ["", f"### {state.capitalize()}: {counts}", "", f"Casting yield {yielded.shown}: {yielded.cause}.", ""]
        lines += [f"![{name.replace('_', ' ')}, {state}]({file})", "", *rows_of(table)]
        if state == "naked" and not casting.planes and not casting.more_parts:
            lines += ["", "Advice for it:", "", "```text", *str(advise(casting, voxel=voxel, naked=result)).splitlines(), "```"]
    return [*lines, ""]


SHEETS = """# Verdict sheets of the example parts

Made by `docs/make_castings.py`: each part frozen naked (cores alone) and as its case file in `examples/` rigs it; one row a
finding, numbered as in the picture, worst first. Pictures show the findings near their plane. The riggings are those of the
examples, which show pieces and not perfection: where they leave a cavity, its row says why, and what the advice would set stands
under the naked sheet.
"""

CLASSICAL = """# Classical castings

Made by `docs/make_castings.py` from `tests/verification/test_classical_castings.py`: WCB in green sand unless said, what every
foundryman expects against what castsolve computes. Errors are relative (%) or in the unit of the quantity. The tests also demand
that broken versions fail: gravity turned round, half the contraction, a neck that never freezes.

| casting | quantity | expected | computed | error | gate | |
|---|---|---|---|---|---|---|
"""

REST = """
The chill: cast iron as thick as the plate. It makes the longest sound plate 1.20, 1.21, 1.23 and 1.22 times as long at 12.5, 25, 38
and 50 mm: 14, 28, 47 and 58 mm more (the first and third in voxels of a fifth of the thickness, the others of a tenth); 36 to 40 mm
at 25 mm under a chill twice as thick; 26 to 40 mm over the range of the contact, 500 to 5000 W/m2/K. So the gain is a share of the
distance, as the newer rule has it (Ou, Carlson, Hardin, Beckermann 2002), and Pellini's 50 mm (30 to 50) whatever the thickness are
met where the plate is 26 to 42 mm thick. `castsolve.defects.feeding_distance` takes the smaller of the two.

Left out: long bars (their axis has no voxel without a gradient of its own, so Niyama's value does not find the end of their feeding
distance; the rule of `castsolve.feeding.risers_along` does).

What the models cannot say: [guide](../guide/feeding.md#what-the-models-cannot-say). Riser study of a valve over five diameters:
[there too](../guide/feeding.md#five-risers-on-one-valve).
"""


def write_classical() -> None:
    """Write classical.md from what the tests compare."""
    import pytest

    sys.path.insert(0, str(HERE / "validation"))
    from make_page import Collector, number

    collector = Collector()
    tests = ROOT / "tests" / "verification" / "test_classical_castings.py"
    failed = pytest.main(["-q", "-p", "no:cacheprovider", str(tests)], plugins=[collector])
    rows = []
    for outcome in collector.outcomes:
        for check in outcome.checks:
            gate = f"{100 * check.gate:g} %" if check.relative else f"{check.gate:g}"
            verdict = "passes" if check.passed else "**misses**"
            rows.append(
                f"| {outcome.case} | {check.quantity} | {check.reference:.4g} | {check.computed:.4g} | "
                f"{number(check, check.error)} | {gate} | {verdict} |"
            )
    told = "" if not failed else "\n**A test of these failed when the page was made.**\n"
    (TARGET / "classical.md").write_text(CLASSICAL + "\n".join(rows) + "\n" + told + REST, encoding="utf-8")


def write_sheets() -> None:
    """Write sheets.md and its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [line for name in JOBS for line in sheet(name, Path(folder))]
    (TARGET / "sheets.md").write_text("\n".join([SHEETS, *lines]), encoding="utf-8")


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or ["classical", "sheets"]
    if "classical" in wanted:
        write_classical()
    if "sheets" in wanted:
        write_sheets()
