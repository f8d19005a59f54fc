"""Sound case files, ways to spoil them at random, and the judgement of what came out."""

from __future__ import annotations

import copy
import datetime as dt
import math
import re
import time
import tomllib
from collections.abc import Callable
from typing import Any

import numpy as np

from castsolve.casting.case import Case, parse_case
from castsolve.errors import CastsolveError

Rng = np.random.Generator

SAND = """
[part]
shape = "box"
size = ["120 mm", "80 mm", "40 mm"]
stock = [{ thickness = "3 mm", at = ["part.side(-x)"] }]

[[more_parts]]
shape = "cylinder"
diameter = "50 mm"
height = "40 mm"
moved = ["0 mm", "110 mm", "0 mm"]
name = "second"

[casting]
alloy = "A356"
mould = "green-sand"
pour_temperature = "720 degC"
pour_time = "4 s"
flask = "60 mm"
deep_sides = ["x_low"]

[casting.ambient]
temperature = "20 degC"
htc = "10 W/m**2/K"
emissivity = 0.9

[[rigging]]
kind = "basin"
at = ["150 mm", "0 mm", "160 mm"]
diameter = "60 mm"
depth = "40 mm"

[[rigging]]
kind = "sprue"
diameter = "20 mm"
height = "160 mm"
at = ["150 mm", "0 mm", "0 mm"]
head = "40 mm"
well = { diameter = "40 mm", depth = "30 mm" }

[[rigging]]
kind = "runner"
width = "20 mm"
height = "16 mm"
path = [["150 mm", "0 mm", "-20 mm"], ["75 mm", "0 mm", "-20 mm"]]
end_scale = 0.9

[[rigging]]
kind = "filter"
size = ["20 mm", "26 mm", "15 mm"]
at = ["100 mm", "0 mm", "-12 mm"]
direction = "-x"
ppi = 30

[[rigging]]
kind = "gate"
width = "24 mm"
height = "12 mm"
length = "30 mm"
at = "part.nearest(60 mm, 0, -14 mm)"

[[rigging]]
kind = "riser"
diameter = "45 mm"
height = "60 mm"
at = "part.above(-20 mm, 0)"
sleeve = { material = "exothermic-sleeve", thickness = "10 mm", burns_after = "5 s" }
breaker = { hole = "28 mm", thickness = "8 mm" }
topping = "insulating"

[[rigging]]
kind = "riser"
diameter = "40 mm"
height = "50 mm"
at = "part2.top"
neck = { diameter = "30 mm", height = "8 mm" }

[[rigging]]
kind = "chill"
size = ["40 mm", "30 mm", "12 mm"]
at = "part.bottom"
material = "copper"

[[rigging]]
kind = "core"
diameter = "16 mm"
start = ["40 mm", "-40 mm", "0 mm"]
end = ["40 mm", "40 mm", "0 mm"]
print_length = "15 mm"

[[rigging]]
kind = "vent"
diameter = "4 mm"
at = "part.above(40 mm, 20 mm)"

[[rigging]]
kind = "overflow"
size = ["25 mm", "18 mm", "12 mm"]
at = "part.side(+y)"
gate_height = "6 mm"

[[inlet]]
kind = "pour rate"
mass_flow = [["0 s", "0.2 kg/s"], ["2 s", "0.4 kg/s"]]
at = "basin 1"

[[inlet]]
kind = "pouring head"
head = "20 mm"
at = { point = ["60 mm", "0 mm", "0 mm"], normal = "x" }

[[interface]]
between = ["casting", "chill"]
htc = "2500 W/m**2/K"

[[interface]]
between = ["casting", "mould"]
over = "temperature"
table = [["400 degC", "400 W/m**2/K"], ["700 degC", "900 W/m**2/K"]]

[run]
voxel = "4 mm"
until = "600 s"
record = ["10 s", "60 s"]
probes = { middle = ["0 mm", "0 mm", "0 mm"] }
critical_fraction_solid = 0.6
filling = true
fill_voxel = "5 mm"
fill_record = ["1 s", "2 s"]
air = true
"""

DIE = """
[part]
shape = "sphere"
diameter = "60 mm"
scaled = 1.01
turned = { angle = "30 deg", axis = "x" }

[casting]
process = "gravity die"
alloy = "AlSi9Cu3"
mould = "H13"
pour_temperature = "700 degC"
mould_temperature = "250 degC"
wall = "40 mm"
coating = "insulating"

[run]
voxel = "5 mm"
until = "ejection"
dtype = "float64"
theta = 0.05
"""

SHELL = """
[part]
shape = "cylinder"
diameter = "40 mm"
height = "60 mm"

[casting]
process = "investment"
alloy = "CF8M"
mould = "ceramic-shell"
pour_temperature = "1600 degC"
mould_temperature = "900 degC"
shell = "7 mm"
symmetry = "half"
gravity = [0.0, 0.0, -9.81]

[[interface]]
between = ["casting", "mould"]
htc = "perfect"

[run]
voxel = "3 mm"
scheme = "rkl1"
threads = 1
"""
PRESSURE = """
[part]
shape = "box"
size = ["60 mm", "40 mm", "4 mm"]
moved = ["0 mm", "0 mm", "2 mm"]

[casting]
process = "pressure die"
alloy = "AlSi9Cu3"
pour_temperature = "650 degC"

[casting.shot]
diameter = "40 mm"
length = "150 mm"
fast_speed = "2 m/s"
slow_speed = "0.3 m/s"
switch = "120 mm"
pressure_limit = "30 MPa"
intensification = "60 MPa"
gate_area = "80 mm**2"

[casting.die]
steel = "H13"
temperature = "220 degC"
parting = "0 mm"
wall = "24 mm"
platens = { temperature = "60 degC" }

[[rigging]]
kind = "biscuit"
diameter = "40 mm"
thickness = "16 mm"
at = ["0 mm", "-35 mm", "-8 mm"]
direction = "z"

[machine]
dwell = "ejectable"
open = "1 s"
eject = "3 s"
spray = { duration = "2 s", flux = "0.3 kg/m**2/s", efficiency = 0.3 }
blow = "1 s"
close = "3 s"
dose = "2 s"

[[channel]]
path = [["0 mm", "-200 mm", "20 mm"], ["0 mm", "200 mm", "20 mm"]]
diameter = "8 mm"
flow = "6 litre/minute"
inlet_temperature = "30 degC"
thermostat = { at = ["0 mm", "0 mm", "12 mm"], cools_above = "220 degC" }

[plant]
furnace = "electric"
holding_power = "15 kW"
availability = 0.85
scrap = 0.04
shift = "8 hour"

[run]
voxel = "2 mm"
shots = 3
tolerance = 2.0
"""

SHOT = PRESSURE[: PRESSURE.index("[machine]")] + """
[[inlet]]
kind = "plunger"
diameter = "40 mm"
slow_speed = "0.3 m/s"
fast_speed = "2 m/s"
start = "100 mm"
switch = "120 mm"
ramp = "5 mm"
pressure_limit = "30 MPa"
intensification = "60 MPa"
at = "biscuit 1"

[run]
voxel = "2 mm"
filling = true
"""

LOW = """
[part]
shape = "cylinder"
diameter = "40 mm"
height = "30 mm"

[casting]
process = "low pressure"
alloy = "A356"
pour_temperature = "710 degC"
pressure = [["0 s", "0 kPa"], ["10 s", "20 kPa"], ["40 s", "20 kPa"]]
melt_level = "-300 mm"
furnace_temperature = "720 degC"

[casting.die]
steel = "H13"
temperature = "350 degC"
parting = "0 mm"
wall = "24 mm"
coating = "insulating"

[[rigging]]
kind = "riser tube"
diameter = "20 mm"
at = ["0 mm", "0 mm", "0 mm"]
length = "20 mm"

[[inlet]]
kind = "pressure curve"
pressure = [["0 s", "0 Pa"], ["2 s", "800 Pa"]]
at = { point = ["0 mm", "0 mm", "0 mm"], normal = "-z" }

[run]
voxel = "3 mm"
filling = true
air = true
"""

TILTED = """
[part]
shape = "box"
size = ["60 mm", "20 mm", "40 mm"]

[casting]
process = "gravity die"
alloy = "A356"
mould = "H13"
mould_temperature = "300 degC"
pour_temperature = "720 degC"
wall = "20 mm"

[casting.tilt]
axis = "y"
angle = "90 deg"
turning = [["0 s", "0 deg"], ["2 s", "20 deg"], ["4 s", "90 deg"]]
through = ["0 mm", "0 mm", "20 mm"]

[[rigging]]
kind = "basin"
diameter = "18 mm"
depth = "30 mm"
at = ["20 mm", "0 mm", "20 mm"]

[[inlet]]
kind = "tilt pour"
volume = "5 cm**3"
at = "basin 1"

[run]
voxel = "4 mm"
filling = true
fill_voxel = "5 mm"
"""
GOOD = {"sand": SAND, "die": DIE, "shell": SHELL, "pressure": PRESSURE, "shot": SHOT, "low": LOW, "tilted": TILTED}

# What stands in the place of a value: wrong kinds, wrong units, numbers that no casting has.
STRANGE: tuple[Any, ...] = (
    0, 1, -1, 2**70, 0.0, -0.5, 1e308, math.nan, math.inf, -math.inf, True, False, "", " ", "mm", "part", "part.top", "z",
    "none", "4", "4 mm", "-4 mm", "0 mm", "nan mm", "inf mm", "1e-320 mm", "1e400 mm", "1e308 km", "4,5 mm", "4 mm mm",
    "2*3 mm", "4 Mm", "4 degC", "9**9**9 mm", "4 mm**9**9", "4 (mm", "-300 degC", "1e6 degC", "600 s", "-5 s", "0 s",
    "800 W/m**2/K", "0 W/m**2/K", "-1 W/m**2/K", "30 deg", "٤ mm", "4\u00a0mm", "1 mm\n[run]", "A356", "copper",
    "green-sand", "insulating", "2 litre/s", "3 kg/s", "5 MPa", "2 m/s", "pour rate", "plunger",
    "solid", "half", "../../etc/passwd", "a" * 2000, [], {}, [[]], ["4 mm"],
    ["4 mm", "4 mm"], ["4 mm", "4 mm", "4 mm"], ["0 mm", "0 mm", "0 mm"], [0.0, 0.0, 0.0], [1e-300, 0.0, 0.0],
    {"point": 1}, {"x": "0 mm"}, dt.date(2026, 1, 1), dt.time(7, 32), "part.nearest(1, 2, 3)", "part9.top",
    "part.above(1e9 mm, 0)", "part.side(+q)",
)  # fmt: skip
NOISE = list("=[]{}\"'#,.\n\\ -+_0159eéµ\x00\x07\ufeff")


def written(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, str):
        inside = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or c in '"\\' or ord(c) == 127 else c for c in value)
        return f'"{inside}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{written(str(key))} = {written(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return value.isoformat() if isinstance(value, dt.date | dt.time) else repr(value)


def text_of(tree: dict[str, Any]) -> str:
    """Return a tree as the text of a file."""
    return "".join(f"{written(key)} = {written(value)}\n" for key, value in tree.items())


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every value inside a tree as its holder and its key there."""
    keys = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [place for key, value in keys for place in ((tree, key), *places(value))]


def _pick(tree: dict[str, Any], rng: Rng, kind: type | tuple[type, ...] = object) -> tuple[Any, Any]:
    found = [(holder, key) for holder, key in places(tree) if isinstance(holder[key], kind)]
    return found[rng.integers(len(found))] if found else (tree, next(iter(tree)))


def strange(tree: dict[str, Any], rng: Rng) -> None:
    holder, key = _pick(tree, rng)
    holder[key] = copy.deepcopy(STRANGE[rng.integers(len(STRANGE))])


def dropped(tree: dict[str, Any], rng: Rng) -> None:
    holder, key = _pick(tree, rng)
    del holder[key]


def misspelt(tree: dict[str, Any], rng: Rng) -> None:
    holders = [holder for holder, _ in places(tree) if isinstance(holder, dict)]
    holder = holders[rng.integers(len(holders))]
    key = str(rng.choice(sorted(holder)))
    at = int(rng.integers(max(len(key), 1)))  # a key that was misspelt before may be empty
    other = rng.choice([key[:at] + key[at + 1 :], key + "s", key.upper(), key.replace("_", "-"), f" {key}", ""])
    holder[str(other)] = holder.pop(key)


def swapped(tree: dict[str, Any], rng: Rng) -> None:
    (a, i), (b, j) = _pick(tree, rng, (str, int, float, list)), _pick(tree, rng, (str, int, float, list))
    a[i], b[j] = copy.deepcopy(b[j]), copy.deepcopy(a[i])


def rescaled(tree: dict[str, Any], rng: Rng) -> None:
    holder, key = _pick(tree, rng, str)
    factor = float(rng.choice([-1.0, 0.0, 1e-9, 1e-3, 0.1, 0.5, 2.0, 10.0, 1e3, 1e9]))
    holder[key] = re.sub(r"-?\d+(\.\d+)?", lambda found: f"{float(found[0]) * factor:.9g}", str(holder[key]), count=1)


def doubled(tree: dict[str, Any], rng: Rng) -> None:
    holder, key = _pick(tree, rng, list)
    if isinstance(holder[key], list) and holder[key]:
        holder[key].append(copy.deepcopy(holder[key][rng.integers(len(holder[key]))]))


def shuffled(tree: dict[str, Any], rng: Rng) -> None:
    holder, key = _pick(tree, rng, list)
    if isinstance(holder[key], list):
        holder[key] = [holder[key][n] for n in rng.permutation(len(holder[key]))]


def moved(tree: dict[str, Any], rng: Rng) -> None:
    (a, i), (b, _) = _pick(tree, rng), _pick(tree, rng)
    if isinstance(b, dict) and not any(b is inner for inner, _ in [(a[i], 0), *places(a[i])]):
        b[str(i)] = copy.deepcopy(a[i])


TREE_MUTATIONS: tuple[Callable[[dict[str, Any], Rng], None], ...] = (
    strange, strange, strange, dropped, misspelt, swapped, rescaled, rescaled, doubled, shuffled, moved,
)  # fmt: skip


def garbled(text: str, rng: Rng) -> str:
    """Return a text with a few characters or lines lost, doubled, changed or cut off."""
    lines = text.splitlines(keepends=True)
    way = rng.integers(6)
    n = int(rng.integers(len(lines)))
    if way == 0:
        del lines[n]
    elif way == 1:
        lines.insert(n, lines[rng.integers(len(lines))])
    elif way == 2:
        return text[: rng.integers(len(text))]
    else:
        letters = list(text)
        for _ in range(rng.integers(1, 4)):
            at = int(rng.integers(len(letters)))
            letters[at : at + int(rng.integers(0, 2))] = [str(rng.choice(NOISE))]
        return "".join(letters)
    return "".join(lines)


def mutated(seed: int) -> tuple[str, str]:
    """Return the text of a spoilt case file, and what was done to it."""
    rng = np.random.default_rng(seed)
    name = str(rng.choice(sorted(GOOD)))
    if rng.random() < 0.25:
        return garbled(GOOD[name], rng), f"{name}, garbled"
    tree, done = tomllib.loads(GOOD[name]), []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        mutation = TREE_MUTATIONS[rng.integers(len(TREE_MUTATIONS))]
        mutation(tree, rng)
        done.append(mutation.__name__)
    return text_of(tree), f"{name}, {', '.join(done)}"


def _finite(value: Any) -> bool:
    """Whether all numbers inside plain values are finite."""
    if isinstance(value, dict | list):
        return all(_finite(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or math.isfinite(value)


def is_sane(case: Case) -> str:
    """Return what is nonsense about a case that was accepted, or nothing."""
    casting, run = case.casting, case.run
    lo, hi = (np.asarray(corner) for corner in casting.flask)
    sizes = [body.surface.volume for body in casting.bodies]
    probes = [x for place in run.probes.values() for x in place]
    checks = {
        "flask": bool(np.isfinite([lo, hi]).all() and (hi > lo).all()),
        "volumes": bool(np.isfinite(sizes).all() and min(sizes) > 0.0),
        "pour temperature": casting.alloy.solidus.value < casting.pour_temperature < 3000.0,
        "mould temperature": 0.0 < casting.mould_temperature < casting.pour_temperature,
        "surroundings": 0.0 < casting.ambient.temperature < 2000.0 and 0.0 <= casting.ambient.emissivity <= 1.0
        and casting.ambient.htc >= 0.0 and math.isfinite(casting.ambient.htc),
        "gravity": bool(0.0 < np.linalg.norm(casting.gravity) < math.inf),
        "pour time": casting.pour_time is None or 0.0 < casting.pour_time < math.inf,
        "size": bool((hi - lo).max() < 1e3),
        "voxel": 0.0 < run.voxel < math.inf,
        "record": all(0.0 < t < math.inf for t in run.record),
        "probes": all(map(math.isfinite, probes)),
        "coefficients": all(np.min(np.asarray(i.htc, float)) >= 0.0 for i in casting.interfaces.values()),
        "inlets": all(_finite(inlet.facts()) for inlet in case.inlets) and (run.filling or not case.inlets),
        "shakeout": run.shakeout_temperature is None or 0.0 < run.shakeout_temperature < casting.alloy.solidus.value,
    }  # fmt: skip
    return ", ".join(name for name, holds in checks.items() if not holds)


# A refusal names the key that it is about: "rigging[0].at: ...".
_LINE = re.compile(r'  (\w|[\[\].-]|"[^"]*")+: \S.*')


def _check_refusal(text: str, what: str) -> None:
    head, *lines = text.splitlines()
    if "is not a TOML file" not in head:
        assert re.fullmatch(r"case\.toml has (1 problem|\d+ problems):", head), f"{what}: {text}"
        assert lines and all(_LINE.fullmatch(line) for line in lines), f"{what}: {text}"


def judged(seed: int, slowest: float = 60.0) -> str:
    """Return "case", "laid out" or "refused" for a spoilt case file; fail where it ends in any other way.

    A file that is accepted must be sane, and its bodies must be laid out for its voxel or be refused; `slowest` is the
    processor time (s) that it may take: a large part in a thin shell takes some 10 s.
    """
    text, done = mutated(seed)
    what = f"seed {seed} ({done})"
    start = time.process_time()
    try:
        case = parse_case(text, name="case.toml")
    except CastsolveError as error:
        _check_refusal(str(error), what)
        return "refused"
    finally:
        assert time.process_time() - start < slowest, f"{what} took too long"
    nonsense = is_sane(case)
    assert not nonsense, f"{what}: accepted with nonsense of {nonsense}"
    try:
        case.casting.layout(case.run.voxel)
    except CastsolveError:
        return "case"
    return "laid out"
