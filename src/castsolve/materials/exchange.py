"""One material, one file: writing a material with its references, and reading one of any kind."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..errors import MaterialError, unknown_name
from .alloy import Alloy
from .coating import Coating
from .mould import MouldMaterial
from .property import Property, PropertyTable, split_keys
from .references import bibliography
from .schema import SCHEMA, load_toml

__all__ = ["Material", "read", "text_of", "write"]

Material = Alloy | MouldMaterial | Coating

_KINDS: dict[str, type[Alloy] | type[MouldMaterial] | type[Coating]] = {
    "alloy": Alloy, "mould": MouldMaterial, "coating": Coating,
}  # fmt: skip
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ZERO = 273.15


def read(path: str | Path) -> Material:
    """Return the material of a file, an alloy, a mould material or a coating as its `kind` says.

    Raises
    ------
    MaterialError
        If the file cannot be read, or anything in it is missing, unknown or contradicts itself: one line a problem.
    """
    file = Path(path)
    data = load_toml(file)
    kind = data.get("kind")
    if kind not in _KINDS:
        raise MaterialError(f"{file}: kind: " + ("is missing" if kind is None else unknown_name("kind", str(kind), _KINDS)))
    return _KINDS[kind].from_data(data, where=str(file))


def write(material: Material, path: str | Path) -> Path:
    """Write a material to one file with all its values, their trust and its references; `read` gives it back equal.

    The file is complete or not there.

    Parameters
    ----------
    material : Alloy, MouldMaterial or Coating
    path : path
        Ends in ".toml".

    Raises
    ------
    MaterialError
        If the name does not end in ".toml" or the file cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != ".toml":
        raise MaterialError(f'a material cannot be written as "{file.name}"; end the name with .toml')
    try:
        handle, partial = tempfile.mkstemp(dir=file.parent or ".", prefix=f".{file.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text_of(material))
            os.replace(partial, file)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise MaterialError(f"{file} cannot be written: {error.strerror}") from error
    return file


def text_of(material: Material) -> str:
    """Return the text of a material's file."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(material, cls))
    lines = [f"schema = {_text(SCHEMA)}", f"kind = {_text(kind)}"]
    blocks: list[str] = []
    for entry in fields(material):
        value = getattr(material, entry.name)
        if isinstance(value, Property):
            blocks.append(f"[{entry.name}]\n{_scalar(value)}")
        elif isinstance(value, PropertyTable):
            blocks.append(f"[{entry.name}]\n{_table(value)}")
        elif isinstance(value, tuple):
            lines.append(f"{entry.name} = [{', '.join(map(_text, value))}]")
        elif isinstance(value, str) and (value or entry.name != "note"):
            lines.append(f"{entry.name} = {_text(value)}")
        elif isinstance(value, Mapping) and entry.name != "references":
            blocks += [f"[{entry.name}.{_key(name)}]\n{_scalar(part)}" for name, part in value.items()]
    known = bibliography()
    cited = [key for value in material.properties().values() for key in split_keys(value.source)]
    own = {key: material.references[key] for key in dict.fromkeys(cited) if key in material.references}
    blocks.append("# References of castsolve's own bibliography are repeated, so that the file stands alone.\n[references]\n"
                  + "\n".join(f"{_key(key)} = {_text(own.get(key, known.get(key, key)))}" for key in own))  # fmt: skip
    return "\n\n".join(["\n".join(lines), *blocks]) + "\n"


def _scalar(value: Property) -> str:
    numbers = {"value": value.value, "low": value.low, "high": value.high}
    given = {name: number for name, number in numbers.items() if number is not None}
    shown, unit = _in_celsius(list(given.values()), value.unit)
    lines = [f"{name} = {number!r}" for name, number in zip(given, shown, strict=True)]
    lines.insert(1, f"unit = {_text(unit)}")
    return "\n".join([*lines, *_trust(value)])


def _table(table: PropertyTable) -> str:
    first, unit = _in_celsius([*(row[0] for row in table.rows), *table.kinks], table.units[0])
    rows = [[at, *row[1:]] for at, row in zip(first, table.rows, strict=False)]
    units = [unit, *table.units[1:]]
    lines = [f"units = [{', '.join(map(_text, units))}]", "table = ["]
    lines += ["    [" + ", ".join(repr(number) for number in row) + "]," for row in rows]
    lines += ["]", f"beyond = [{_text(table.beyond_low)}, {_text(table.beyond_high)}]"]
    if table.kinks:
        lines.append("kinks = [" + ", ".join(repr(kink) for kink in first[len(table.rows) :]) + "]")
    if table.uncertainty is not None:
        lines.append(f"uncertainty = {table.uncertainty!r}")
    return "\n".join([*lines, *_trust(table)])


def _in_celsius(numbers: list[float], unit: str) -> tuple[list[float], str]:
    """Return temperatures in degC where reading them again gives the same bits; everything else as it is."""
    if unit == "K":
        shown = [round(number - _ZERO, 6) for number in numbers]
        if all(each + _ZERO == number for each, number in zip(shown, numbers, strict=True)):
            return shown, "degC"
    return numbers, unit


def _trust(value: Property | PropertyTable) -> list[str]:
    lines = [f"{name} = {_text(getattr(value, name))}" for name in ("source", "evidence", "quality")]
    return [*lines, f"note = {_text(value.note)}"] if value.note else lines


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: Any) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
