"""Case files: a casting study as a TOML file that a foundry can keep, checked whole before any work starts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .. import materials
from ..errors import CastsolveError, InputError
from ..geometry import Part
from ..materials import Interface
from .case_inlets import require_opening
from .case_models import CaseModel, FilePlaces, PartModel
from .case_refusals import problems_of, refusal
from .channel import CoolingChannel
from .inlets import Inlet
from .layout import Ambient
from .machine import MachineCycle
from .pieces import piece_of
from .places import read_place
from .process import Casting
from .processes import PROCESSES

__all__ = ["Case", "RunSettings", "case_schema", "named_files", "parse_case", "read_case"]


@dataclass(frozen=True, slots=True, eq=False)
class RunSettings:
    """How a case is run.

    Parameters
    ----------
    voxel : float
        Edge of a voxel over the casting, in m.
    until : str
        "solid", "shakeout", "ejection", a time "600 s", or a temperature "500 degC" of the hottest metal.
    record : tuple of float
        Times in s at which whole temperature fields are kept.
    probes : dict of str to (float, float, float)
        Places in m of virtual thermocouples.
    shakeout_temperature : float, optional
        In K. Default: by the family of the alloy.
    critical_fraction_solid : float, optional
        The user's own fraction solid whose time is recorded.
    feeding : bool
        Whether the heat follows the falling level, as in `simulation.solidify`.
    filling : bool or str
        Whether the casting is filled before it freezes (`simulation.simulate`); else it is poured at once. Of a die that is
        cycled "instant", "front" or "flow", as in `simulation.run_cycles`; True is "flow", False its default.
    fill_voxel : float, optional
        Edge of a voxel of the filling, in m. Default: `voxel`.
    air : bool
        Whether enclosed air presses back in the filling, as in `simulation.fill`.
    fill_record : tuple of float
        Times in s at which the filling is kept, from the start of the pour.
    dtype, accuracy, scheme, theta
        Precision, time stepping and step control, as in `simulation.solidify`.
    threads : int, optional
        Default: all that are allowed.
    shots : int or "until steady"
        Castings that a machine makes, and `tolerance` (K) of the steady die, as in `simulation.run_cycles`.
    """

    voxel: float
    until: str = field(default="solid", kw_only=True)
    record: tuple[float, ...] = field(default=(), kw_only=True)
    probes: dict[str, tuple[float, float, float]] = field(default_factory=dict, kw_only=True)
    shakeout_temperature: float | None = field(default=None, kw_only=True)
    critical_fraction_solid: float | None = field(default=None, kw_only=True)
    feeding: bool = field(default=False, kw_only=True)
    filling: bool | str = field(default=False, kw_only=True)
    fill_voxel: float | None = field(default=None, kw_only=True)
    air: bool = field(default=False, kw_only=True)
    fill_record: tuple[float, ...] = field(default=(), kw_only=True)
    dtype: str = field(default="float32", kw_only=True)
    accuracy: str = field(default="usual", kw_only=True)
    scheme: str | None = field(default=None, kw_only=True)
    theta: float | None = field(default=None, kw_only=True)
    threads: int | None = field(default=None, kw_only=True)
    shots: int | str = field(default="until steady", kw_only=True)
    tolerance: float = field(default=1.0, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A casting with the settings of its run, as a case file holds them.

    Parameters
    ----------
    casting : Casting
    run : RunSettings
    path : Path, optional
        Of the case file.
    machine : MachineCycle, optional
        That makes one casting after another; without it, one casting is solidified.
    channels : tuple of CoolingChannel
        Of its die.
    plant : mapping
        Keywords of `study.Plant`.
    inlets : tuple of Inlet
        How the metal is brought to the mould; empty: as the casting says.
    """

    casting: Casting
    run: RunSettings = field(kw_only=True)
    path: Path | None = field(default=None, kw_only=True)
    machine: MachineCycle | None = field(default=None, kw_only=True)
    channels: tuple[CoolingChannel, ...] = field(default=(), kw_only=True)
    plant: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    inlets: tuple[Inlet, ...] = field(default=(), kw_only=True)


def read_case(path: str | os.PathLike[str]) -> Case:
    """Read a case file.

    Parameters
    ----------
    path : path-like
        A TOML file; files that it names are taken from its own folder.

    Raises
    ------
    InputError
        With one line for every problem of the file: key, value, what is allowed.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"there is no case file {file}; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"case file {file} cannot be read ({error}); it must be a text file in UTF-8") from None
    case = parse_case(text, folder=file.parent, name=file.name)
    return replace(case, path=file)


def parse_case(
    text: str,
    *,
    folder: str | os.PathLike[str] = ".",
    name: str = "case",
    files: Mapping[str, Path] | None = None,
) -> Case:
    """Return the case that a TOML text describes.

    Parameters
    ----------
    text : str
        The content of a case file.
    folder : path-like
        Where files that the text names are.
    name : str
        What refusals call the case.
    files : mapping of str to Path, optional
        Where files that the text names are instead, by the name in the text.
    """
    place = FilePlaces(Path(folder), files or {})
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not a TOML file: {error}") from None
    try:
        model = CaseModel.model_validate(content, context={"place": place})
    except ValidationError as error:
        raise refusal(name, problems_of(error)) from None
    machine, channels = _machine(model, name)
    plant = {} if model.plant is None else model.plant.model_dump(exclude_none=True)
    casting, inlets = _casting(model, place, name)
    return Case(casting, run=_run(model), machine=machine, channels=channels, plant=plant, inlets=inlets)


def case_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of the case file: every section, key, default and allowed word.

    It says what a key may look like; whether the numbers make a casting is checked by `read_case`.
    """
    schema = CaseModel.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "castsolve case file"}


def named_files(text: str) -> list[str]:
    """Return the names of all mesh files that the text of a sound case file names, in order."""
    content = tomllib.loads(text)
    tables = [content.get("part", {}), *content.get("more_parts", []), *content.get("rigging", [])]
    tables += [entry for table in content.get("rigging", []) for entry in table.get("prints", [])]
    tables += content.get("casting", {}).get("die", {}).get("pieces", [])
    return list(dict.fromkeys(table["file"] for table in tables if "file" in table))


def _casting(model: CaseModel, place: FilePlaces, name: str) -> tuple[Casting, tuple[Inlet, ...]]:
    problems: list[str] = []
    made = _Attempt(problems)
    parts = [made(key, _part, given, place) for key, given in _parts(model)]
    whole = not problems
    # A piece that stands on a part that is not there says nothing new.
    pieces = [
        made(f"rigging[{n}]", piece_of, piece, parts, place)
        for n, piece in enumerate(model.rigging) if whole or getattr(piece, "at", None) is None
    ]  # fmt: skip
    inlets = [made(f"inlet[{n}]", inlet.made, parts) for n, inlet in enumerate(model.inlet) if whole or inlet.at is None]
    given = model.casting
    shared: dict[str, Any] = given.model_dump(exclude={"process", "ambient", "die", "iron", "shot", "tilt"}, exclude_unset=True)
    if given.ambient is not None:
        shared["ambient"] = made("casting.ambient", Ambient, **given.ambient.model_dump(exclude_unset=True))
    if given.iron is not None:
        shared["alloy"] = made("casting.iron", materials.alloy(given.alloy).treated, **given.iron.model_dump())
    shared["interfaces"] = {e.between: made(f"interface[{n}]", _interface, e) for n, e in enumerate(model.interface)}
    if problems:
        raise refusal(name, problems)
    try:
        shared |= {key: table.made(place) for key in ("die", "shot", "tilt") if (table := getattr(given, key)) is not None}
        # Every process takes its own keywords; the model has refused those of the others.
        maker: Any = PROCESSES[given.process]
        casting: Casting = maker(parts[0], rigging=pieces, more_parts=parts[1:], **shared)
    except CastsolveError as error:
        first, *more = str(error).splitlines()
        raise refusal(name, [f"casting: {line.strip()}" for line in more or [first]]) from error
    for n, inlet in enumerate(inlets):
        made(f"inlet[{n}].at", require_opening, casting, inlet)
    if problems:
        raise refusal(name, problems)
    return casting, tuple(inlets)


class _Attempt:
    """Makes the things of a case one by one, and notes under their keys why some of them cannot be."""

    def __init__(self, problems: list[str]) -> None:
        self._problems = problems

    def __call__(self, key: str, make: Callable[..., Any], *given: Any, **named: Any) -> Any:
        try:
            return make(*given, **named)
        except CastsolveError as error:
            self._problems.append(f"{key}: {error}")
            return None


def _parts(model: CaseModel) -> list[tuple[str, PartModel]]:
    return [("part", model.part), *((f"more_parts[{n}]", given) for n, given in enumerate(model.more_parts))]


def _machine(model: CaseModel, name: str) -> tuple[MachineCycle | None, tuple[CoolingChannel, ...]]:
    problems: list[str] = []
    made = _Attempt(problems)
    channels = [made(f"channel[{n}]", given.made) for n, given in enumerate(model.channel)]
    machine = None if model.machine is None else made("machine", model.machine.made)
    if problems:
        raise refusal(name, problems)
    return machine, tuple(channels)


def _interface(entry: Any) -> Interface:
    a, b = entry.between
    if entry.over is None:
        return Interface(a, b, htc=entry.htc)
    return Interface(a, b, htc=entry.rows, over=entry.over)


def _part(given: PartModel, place: FilePlaces) -> Part:
    if given.file is not None:
        name = given.body or Path(given.file).stem
        part = Part.read(place.of(given.file), unit=given.unit, body=given.body, name=name, repair=given.repair)
    elif given.shape == "box":
        part = Part.box(given.size)
    elif given.shape == "cylinder":
        part = Part.cylinder(given.diameter, given.height)
    else:
        part = Part.sphere(given.diameter)
    if given.scaled is not None:
        part = part.scaled(given.scaled)
    if given.turned is not None:
        part = part.turned(given.turned.angle, axis=given.turned.axis)
    if given.moved is not None:
        part = part.moved(given.moved)
    for entry in given.stock:
        places = [read_place(at if isinstance(at, str) else at.model_dump(), part) for at in entry.at]
        part = part.with_stock(entry.thickness, at=places)
    return part if given.name is None else part.renamed(given.name)


def _run(model: CaseModel) -> RunSettings:
    run = model.run
    # What the file does not say is left to the accuracy.
    unsaid = {name: None for name in ("scheme", "theta") if name not in run.model_fields_set}
    return RunSettings(**(run.model_dump() | unsaid))
