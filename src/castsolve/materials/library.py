"""The material library: find an alloy, a mould material or an interface by name."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import Any

from ..errors import MaterialError, unknown_name
from ..units import Number, quantity
from .alloy import ALLOY_FAMILIES, Alloy
from .coating import Coating
from .interface import Interface
from .mould import MOULD_FAMILIES, MouldMaterial
from .property import to_si
from .references import bibliography

__all__ = ["alloy", "coating", "interface", "mould", "names"]

_LISTING = "castsolve materials lists all"
_INTERFACES = "interfaces.toml"
_INTERFACE_SCHEMA = "castsolve-interfaces/1"
_INTERFACE_KEYS = (
    "a", "b", "coating", "pressure", "over", "htc", "unit", "low", "high", "source", "evidence", "quality", "note",
)  # fmt: skip
_WORDS = {"alloy": "an alloy", "mould": "a mould material", "coating": "a coating"}

InterfaceKey = tuple[str, str, str | None, tuple[float, float] | None]
_CODE = re.compile(r"[\s_\-()./]+")


def alloy(name: str) -> Alloy:
    """Return the alloy of a name, an alias or an identifier; case, blanks and dashes do not matter.

    Raises
    ------
    MaterialError
        If no alloy has this name; the message holds the nearest ones.
    """
    found = _build(_file_of(name, "alloy"))
    assert isinstance(found, Alloy)
    return found


def mould(name: str) -> MouldMaterial:
    """Return the mould, die, chill or sleeve material of a name, an alias or an identifier.

    Raises
    ------
    MaterialError
        If no mould material has this name; the message holds the nearest ones.
    """
    found = _build(_file_of(name, "mould"))
    assert isinstance(found, MouldMaterial)
    return found


def coating(name: str) -> Coating:
    """Return the coating of a name, an alias or an identifier.

    Raises
    ------
    MaterialError
        If no coating has this name; the message holds the nearest ones.
    """
    found = _build(_file_of(name, "coating"))
    assert isinstance(found, Coating)
    return found


def names(kind: str | None = None) -> tuple[str, ...]:
    """Return the names of all materials in the library, or of one kind: "alloy", "mould" or "coating"."""
    if kind not in (None, *_WORDS):
        raise MaterialError(f'kind = "{kind}" must be "alloy", "mould" or "coating"')
    return tuple(
        data["name"]
        for data in sorted(_files().values(), key=lambda d: (d["kind"], d["name"].casefold()))
        if kind in (None, data["kind"])
    )


def interface(
    a: str | Alloy | MouldMaterial, b: str | Alloy | MouldMaterial, coating: str | Coating | None = None, *,
    pressure: Number | None = None,
) -> Interface:  # fmt: skip
    """Return the interface between two families of materials; the order does not matter.

    Parameters
    ----------
    a, b : str, Alloy or MouldMaterial
        Families such as "aluminium" and "sand", or the materials themselves.
    coating : str or Coating, optional
        Dressing of the die, for example "insulating". Default: bare. A pair without an entry for it gets the bare contact in
        series with the layer.
    pressure : float, str or pint.Quantity, optional
        On the metal, in Pa or as "80 MPa". Default: that of the air.

    Raises
    ------
    MaterialError
        If a family, the coating, or the pair under this pressure, is not known.
    """
    pair = tuple(side if isinstance(side, str) else side.family for side in (a, b))
    known = (*ALLOY_FAMILIES, *MOULD_FAMILIES)
    for family in pair:
        if family not in known:
            raise MaterialError(unknown_name("family of materials", family, known))
    between = {key: value for key, value in _interfaces().items() if key[:2] in (pair, pair[::-1])}
    if not between:
        raise MaterialError(
            f"no interface is known between {pair[0]} and {pair[1]}; give an Interface with a coefficient of your own"
        )
    pascal = None if pressure is None else quantity(pressure, "pressure", "pressure")
    coatings = _at_pressure(between, pascal)
    if not isinstance(coating, Coating) and coating in coatings:
        return coatings[coating]
    layer = _layer_of(coating)
    if layer is not None and None in coatings:
        return coatings[None].coated(layer)
    under = "" if pascal is None else f" at {pascal / 1e6:g} MPa"
    options = [name for name in coatings if name]
    if coating is None or layer is not None:
        having = ", ".join(f'"{name}"' for name in options)
        advice = f"known is {having} as coating" if options else "give an Interface with a coefficient of your own"
        raise MaterialError(f"no bare interface is known between {pair[0]} and {pair[1]}{under}; {advice}")
    options += [name for name in names("coating") if None in coatings]
    raise MaterialError(unknown_name(f"coating between {pair[0]} and {pair[1]}{under}", str(coating), options or ["none"]))


def _at_pressure(between: dict[InterfaceKey, Interface], pascal: float | None) -> dict[str | None, Interface]:
    """Return the interfaces of a pair that hold at a pressure (Pa), by coating."""
    if pascal is None:
        return {key[2]: value for key, value in between.items() if key[3] is None}
    windows = [(key, value) for key, value in between.items() if key[3] is not None]
    holding = {key[2]: value.at_pressure(pascal) for key, value in windows if key[3] and key[3][0] <= pascal <= key[3][1]}
    if not holding:
        a, b = next(iter(between))[:2]
        known = "; ".join(str(value.name) for _, value in windows) or "nothing"
        raise MaterialError(
            f"no interface is known between {a} and {b} at pressure = {pascal / 1e6:g} MPa (known: {known}); give an "
            "Interface with a coefficient of your own"
        )
    return holding


def _layer_of(given: str | Coating | None) -> Coating | None:
    if given is None or isinstance(given, Coating):
        return given
    return coating(given) if is_known(given, "coating") else None


def interfaces_of(family: str) -> tuple[Interface, ...]:
    """Return every known interface that has a family on one side."""
    return tuple(each for (a, b, *_), each in _interfaces().items() if family in (a, b))


def is_known(name: str, kind: str) -> bool:
    """Return whether the library has a material of this kind ("alloy", "mould" or "coating") under a name or an alias."""
    return code(name) in _index(kind)


def data_of(name: str, kind: str) -> dict[str, Any]:
    """Return the content of the package's file of a material; not to be changed."""
    return _files()[_file_of(name, kind)]


def code(name: str) -> str:
    """Return a name without case, blanks, dashes and brackets, as names are compared."""
    return _CODE.sub("", name.casefold())


@cache
def _files() -> dict[str, dict[str, Any]]:
    """Return the content of every material file of the package by file name."""
    import tomllib
    from importlib.resources import files

    folder = files(__package__).joinpath("data")
    return {
        entry.name: tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".toml") and entry.name != _INTERFACES
    }


@cache
def _index(kind: str) -> dict[str, str]:
    """Return the file of every code of one kind."""
    out: dict[str, str] = {}
    for file, data in _files().items():
        if data["kind"] != kind:
            continue
        for name in (data["name"], data["id"], *data.get("aliases", ())):
            if out.setdefault(code(name), file) != file:
                raise MaterialError(f'{file}: "{name}" is already a name of {out[code(name)]}')
    return out


def _file_of(name: str, kind: str) -> str:
    if not isinstance(name, str):
        raise MaterialError(f"the name of {_WORDS[kind]} must be a text; got {name!r}")
    index = _index(kind)
    found = index.get(code(name))
    if found is None:
        known = [n for d in _files().values() if d["kind"] == kind for n in (d["name"], *d.get("aliases", ()))]
        for other in _WORDS:
            if is_known(name, other):
                raise MaterialError(f'"{name}" is {_WORDS[other]}, not {_WORDS[kind]}; {_LISTING}')
        raise MaterialError(unknown_name(_WORDS[kind].split(" ", 1)[1], name, known, listing=_LISTING))
    return found


@cache
def _build(file: str) -> Alloy | MouldMaterial | Coating:
    data = _files()[file]
    kinds: dict[str, type[Alloy] | type[MouldMaterial] | type[Coating]] = {
        "alloy": Alloy, "mould": MouldMaterial, "coating": Coating,
    }  # fmt: skip
    return kinds[data["kind"]].from_data(data, where=file)


@cache
def _interfaces() -> dict[InterfaceKey, Interface]:
    import tomllib
    from importlib.resources import files

    text = files(__package__).joinpath("data", _INTERFACES).read_text(encoding="utf-8")
    return read_interfaces(tomllib.loads(text), where=_INTERFACES)


def read_interfaces(data: dict[str, Any], *, where: str) -> dict[InterfaceKey, Interface]:
    """Return the interfaces of a file's content by the two families, the coating and the pressure window.

    Raises
    ------
    MaterialError
        If a key is unknown or missing, or an entry contradicts itself: one line a problem.
    """
    problems: list[str] = []
    out: dict[InterfaceKey, Interface] = {}
    if data.get("schema") != _INTERFACE_SCHEMA:
        problems.append(f'{where}: schema: must be "{_INTERFACE_SCHEMA}"')
    problems += [f"{where}: {key}: is not known" for key in data if key not in ("schema", "interface")]
    for number, entry in enumerate(data.get("interface", ()), start=1):
        label = f"{where}: interface {number}"
        wrong = [f"{label}: {unknown_name('key', key, _INTERFACE_KEYS)}" for key in entry if key not in _INTERFACE_KEYS]
        wrong += [
            f"{label}: {key}: is missing"
            for key in ("a", "b", "htc", "unit", "source", "evidence", "quality")
            if key not in entry
        ]
        if not wrong:
            wrong = _add_interfaces(out, entry, label)
        problems += wrong
    if problems:
        raise MaterialError("\n".join(problems))
    return out


def _add_interfaces(out: dict[InterfaceKey, Interface], entry: dict[str, Any], label: str) -> list[str]:
    """Add one entry for each of its pairs; return what is wrong with it."""
    if entry["unit"] != "W/m2/K":
        return [f'{label}: unit: "{entry["unit"]}" does not fit; write "W/m2/K"']
    keys = [key.strip() for key in entry["source"].split(",")]
    unknown = [key for key in keys if key not in bibliography()]
    if unknown:
        return [f'{label}: source: "{unknown[0]}" is not in references.bib']
    texts = MappingProxyType({key: bibliography()[key] for key in keys})
    rest = {key: value for key, value in entry.items() if key not in ("a", "b", "unit", "pressure")}
    try:
        window = _pressure_of(entry)
        if rest.get("over") == "pressure":
            scale = to_si("MPa", "Pa")[0]
            rest["htc"] = [(scale * p, h) for p, h in rest["htc"]]
    except (MaterialError, TypeError, ValueError) as error:
        return [f"{label}: pressure: {error}"]
    for a in entry["a"]:
        for b in entry["b"]:
            key = (a, b, entry.get("coating"), window)
            if (b, a, *key[2:]) in out:
                continue
            try:
                out[key] = Interface(a, b, pressure=window, references=texts, **rest)
            except MaterialError as error:
                return [f"{label}: {error}"]
    return []


def _pressure_of(entry: dict[str, Any]) -> tuple[float, float] | None:
    """Return the window of pressures (Pa) that an entry is for; files give it in MPa."""
    given = entry.get("pressure")
    if given is None:
        if entry.get("over") == "pressure":
            raise MaterialError("htc over pressure needs pressure = [low, high] in MPa")
        return None
    low, high = (to_si("MPa", "Pa")[0] * float(p) for p in given)
    return low, high
