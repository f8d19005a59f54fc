"""The material library: find an alloy, a mould material or an interface by name."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import Any

from ..errors import MaterialError, unknown_name
from .alloy import ALLOY_FAMILIES, Alloy
from .interface import Interface
from .mould import MOULD_FAMILIES, MouldMaterial
from .references import bibliography

__all__ = ["alloy", "interface", "mould", "names"]

_LISTING = "castsolve materials lists all"
_INTERFACES = "interfaces.toml"
_INTERFACE_SCHEMA = "castsolve-interfaces/1"
_INTERFACE_KEYS = ("a", "b", "coating", "over", "htc", "unit", "low", "high", "source", "evidence", "quality", "note")
_WORDS = {"alloy": "an alloy", "mould": "a mould material"}
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


def names(kind: str | None = None) -> tuple[str, ...]:
    """Return the names of all materials in the library, or of one kind: "alloy" or "mould"."""
    if kind not in (None, "alloy", "mould"):
        raise MaterialError(f'kind = "{kind}" must be "alloy" or "mould"')
    return tuple(
        data["name"]
        for data in sorted(_files().values(), key=lambda d: (d["kind"], d["name"].casefold()))
        if kind in (None, data["kind"])
    )


def interface(a: str | Alloy | MouldMaterial, b: str | Alloy | MouldMaterial, coating: str | None = None) -> Interface:
    """Return the interface between two families of materials; the order does not matter.

    Parameters
    ----------
    a, b : str, Alloy or MouldMaterial
        Families such as "aluminium" and "sand", or the materials themselves.
    coating : str, optional
        Dressing of the die, for example "insulating". Default: bare.

    Raises
    ------
    MaterialError
        If a family, or the coating for this pair, is not known.
    """
    pair = tuple(side if isinstance(side, str) else side.family for side in (a, b))
    known = (*ALLOY_FAMILIES, *MOULD_FAMILIES)
    for family in pair:
        if family not in known:
            raise MaterialError(unknown_name("family of materials", family, known))
    table = _interfaces()
    coatings = {key[2]: value for key, value in table.items() if key[:2] in (pair, pair[::-1])}
    if not coatings:
        raise MaterialError(
            f"no interface is known between {pair[0]} and {pair[1]}; give an Interface with a coefficient of your own"
        )
    if coating not in coatings:
        options = [name for name in coatings if name]
        raise MaterialError(unknown_name(f"coating between {pair[0]} and {pair[1]}", str(coating), options or ["none"]))
    return coatings[coating]


def interfaces_of(family: str) -> tuple[Interface, ...]:
    """Return every known interface that has a family on one side."""
    return tuple(each for (a, b, _), each in _interfaces().items() if family in (a, b))


def is_known(name: str, kind: str) -> bool:
    """Return whether the library has a material of this kind ("alloy" or "mould") under a name or an alias."""
    return code(name) in _index(kind)


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
        other = "mould" if kind == "alloy" else "alloy"
        if is_known(name, other):
            raise MaterialError(f'"{name}" is {_WORDS[other]}, not {_WORDS[kind]}; {_LISTING}')
        raise MaterialError(unknown_name(_WORDS[kind].split(" ", 1)[1], name, known, listing=_LISTING))
    return found


@cache
def _build(file: str) -> Alloy | MouldMaterial:
    data = _files()[file]
    return Alloy.from_data(data, where=file) if data["kind"] == "alloy" else MouldMaterial.from_data(data, where=file)


@cache
def _interfaces() -> dict[tuple[str, str, str | None], Interface]:
    import tomllib
    from importlib.resources import files

    text = files(__package__).joinpath("data", _INTERFACES).read_text(encoding="utf-8")
    return read_interfaces(tomllib.loads(text), where=_INTERFACES)


def read_interfaces(data: dict[str, Any], *, where: str) -> dict[tuple[str, str, str | None], Interface]:
    """Return the interfaces of a file's content by the two families and the coating.

    Raises
    ------
    MaterialError
        If a key is unknown or missing, or an entry contradicts itself: one line a problem.
    """
    problems: list[str] = []
    out: dict[tuple[str, str, str | None], Interface] = {}
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


def _add_interfaces(out: dict[tuple[str, str, str | None], Interface], entry: dict[str, Any], label: str) -> list[str]:
    """Add one entry for each of its pairs; return what is wrong with it."""
    if entry["unit"] != "W/m2/K":
        return [f'{label}: unit: "{entry["unit"]}" does not fit; write "W/m2/K"']
    keys = [key.strip() for key in entry["source"].split(",")]
    unknown = [key for key in keys if key not in bibliography()]
    if unknown:
        return [f'{label}: source: "{unknown[0]}" is not in references.bib']
    texts = MappingProxyType({key: bibliography()[key] for key in keys})
    rest = {key: value for key, value in entry.items() if key not in ("a", "b", "unit")}
    for a in entry["a"]:
        for b in entry["b"]:
            if (b, a, entry.get("coating")) in out:
                continue
            try:
                out[a, b, entry.get("coating")] = Interface(a, b, references=texts, **rest)
            except MaterialError as error:
                return [f"{label}: {error}"]
    return []
