"""Reading material files: TOML with a strict schema, every problem of a file named at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import MaterialError, unknown_name
from .property import Property, PropertyTable, in_words, to_si
from .references import bibliography

__all__ = ["SCHEMA", "FileReader", "load_toml"]

SCHEMA = "castsolve-material/1"

_SCALAR_KEYS = ("value", "unit", "low", "high", "source", "evidence", "quality", "note")
_TABLE_KEYS = ("table", "units", "beyond", "kinks", "uncertainty", "source", "evidence", "quality", "note")


def load_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    MaterialError
        If the file cannot be read or is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MaterialError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MaterialError(f"{path} is not a TOML file: {error}") from error


@dataclass(slots=True)
class FileReader:
    """Takes values out of one material file, collecting every problem instead of stopping at the first.

    Attributes
    ----------
    where : str
        Name of the file as refusals print it.
    data : dict
        Content of the file.
    problems : list of str
        What is wrong so far: key and reason.
    references : dict
        Text of every citation key in use.
    """

    where: str
    data: dict[str, Any]
    problems: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def refuse(self, key: str, reason: str) -> None:
        """Note one problem."""
        self.problems.append(f"{self.where}: {key}: {reason}")

    def done(self) -> None:
        """Refuse the file if anything in it was wrong or is not known."""
        known = sorted(self._taken | {"references"})
        own = self.data.get("references", {})
        if not isinstance(own, dict) or not all(isinstance(text, str) and text.strip() for text in own.values()):
            self.refuse("references", "must be a group of texts, one full citation a key")
        for key in self.data:
            if key not in known:
                self.refuse(key, unknown_name("key", key, known))
        if self.problems:
            raise MaterialError("\n".join(self.problems))

    def text(self, key: str, *, allowed: Iterable[str] = (), default: str | None = None) -> str:
        """Take a text, one of the allowed ones if there are any."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "a text is missing")
            return ""
        choices = tuple(allowed)
        if choices and value not in choices:
            self.refuse(key, f'"{value}" must be one of ' + ", ".join(f'"{c}"' for c in choices))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts, empty if the key is absent."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.refuse(key, "must be a list of texts")
            return ()
        return tuple(value)

    def scalar(
        self,
        key: str,
        unit: str,
        *,
        above: float = -math.inf,
        below: float = math.inf,
        required: bool = True,
    ) -> Property | None:
        """Take a sourced number in (above, below); None where it is absent and not required, or refused."""
        entry = self._entry(key, required, _SCALAR_KEYS, ("value", "unit"))
        return None if entry is None else self._property(key, entry, unit, above, below)

    def group(self, key: str, unit: str, *, above: float = -math.inf, below: float = math.inf) -> dict[str, Property]:
        """Take sourced numbers under free names; empty if the key is absent."""
        value = self._take(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.refuse(key, "must be a group of sourced numbers")
            return {}
        out = {}
        for name, content in value.items():
            label = f"{key}.{name}"
            entry = self._checked(label, content, _SCALAR_KEYS, ("value", "unit"))
            read = None if entry is None else self._property(label, entry, unit, above, below)
            if read is not None:
                out[name] = read
        return out

    def table(
        self,
        key: str,
        units: tuple[str, ...],
        *,
        required: bool = True,
        rising: int = 1,
        above: float = 0.0,
        optional_columns: int = 0,
        ends: bool = True,
    ) -> PropertyTable | None:
        """Take a sourced table.

        Parameters
        ----------
        key : str
            Key of the table.
        units : tuple of str
            SI unit of each column.
        rising : {1, 0}
            1: the first column must rise; 0: its order is the caller's matter.
        above : float
            Every value of the other columns must be above it.
        optional_columns : int
            How many of the last columns may be missing.
        ends : bool
            Whether the table must say what lies beyond its ends.
        """
        needed = ("table", "units") + (("beyond",) if ends else ())
        entry = self._entry(key, required, _TABLE_KEYS, needed)
        if entry is None:
            return None
        given = entry["units"]
        widths = range(len(units) - optional_columns, len(units) + 1)
        if not isinstance(given, list) or len(given) not in widths:
            self.refuse(key, f"units must be a list of {widths[-1]} units")
            return None
        rows = self._rows(key, entry["table"], given, units)
        beyond = entry.get("beyond", ["hold", "hold"])
        if not isinstance(beyond, list) or len(beyond) != 2 or any(b not in ("hold", "refuse") for b in beyond):
            self.refuse(key, 'beyond must be two of "hold" and "refuse", for the low and the high end')
            return None
        doubt = entry.get("uncertainty")
        if doubt is not None and not (_is_number(doubt) and doubt > 0.0):
            self.refuse(key, f"uncertainty = {doubt!r} must be a number above 0, such as 0.1 for 10 %")
            return None
        if rows is None or not self._values_hold(key, rows, units, rising, above):
            return None
        try:
            scale, offset = to_si(given[0], units[0])
            return PropertyTable(
                rows,
                units[: len(given)],
                entry["source"],
                entry["evidence"],
                entry["quality"],
                beyond_low=beyond[0],
                beyond_high=beyond[1],
                uncertainty=doubt,
                kinks=tuple(float(x) * scale + offset for x in entry.get("kinks", ())),
                note=entry.get("note", ""),
            )
        except (MaterialError, TypeError, ValueError) as error:
            self.refuse(key, str(error))
            return None

    def _values_hold(
        self, key: str, rows: tuple[tuple[float, ...], ...], units: tuple[str, ...], rising: int, above: float
    ) -> bool:
        before = len(self.problems)
        for number, row in enumerate(rows, start=1):
            for value, unit in zip(row[1:], units[1:], strict=False):
                if not value > above:
                    self.refuse(key, f"row {number}: {in_words(value, unit)} must be above {above:g}")
            if rising and number > 1 and row[0] <= rows[number - 2][0]:
                self.refuse(key, f"row {number}: {units[0]} of the first column must rise from row to row")
        return len(self.problems) == before

    def _rows(
        self, key: str, table: Any, given: list[str], units: tuple[str, ...]
    ) -> tuple[tuple[float, ...], ...] | None:
        try:
            factors = [to_si(unit, wanted) for unit, wanted in zip(given, units, strict=False)]
        except MaterialError as error:
            self.refuse(key, str(error))
            return None
        if not isinstance(table, list) or not table:
            self.refuse(key, "table must be a list of rows")
            return None
        rows = []
        for number, row in enumerate(table, start=1):
            if not isinstance(row, list) or len(row) != len(given) or not all(_is_number(x) for x in row):
                self.refuse(key, f"row {number} must be {len(given)} finite numbers; got {row!r}")
                return None
            rows.append(tuple(x * scale + offset for x, (scale, offset) in zip(row, factors, strict=True)))
        return tuple(rows)

    def _property(self, key: str, entry: Mapping[str, Any], unit: str, above: float, below: float) -> Property | None:
        try:
            scale, offset = to_si(entry["unit"], unit)
        except MaterialError as error:
            self.refuse(key, str(error))
            return None
        numbers: dict[str, float | None] = {}
        for name in ("value", "low", "high"):
            raw = entry.get(name)
            if raw is not None and not _is_number(raw):
                self.refuse(key, f"{name} = {raw!r} must be a finite number")
                return None
            numbers[name] = None if raw is None else raw * scale + offset
        value = numbers["value"]
        if value is None:
            self.refuse(key, "value is missing")
            return None
        if not above < value < below:
            self.refuse(key, f"value = {in_words(value, unit)} must lie in ({above:g}, {below:g})")
            return None
        try:
            return Property(
                value,
                unit,
                entry["source"],
                entry["evidence"],
                entry["quality"],
                low=numbers["low"],
                high=numbers["high"],
                note=entry.get("note", ""),
            )
        except MaterialError as error:
            self.refuse(key, str(error))
            return None

    def _take(self, key: str) -> Any:
        self._taken.add(key)
        return self.data.get(key)

    def _entry(
        self, key: str, required: bool, known: tuple[str, ...], needed: tuple[str, ...]
    ) -> dict[str, Any] | None:
        value = self._take(key)
        if value is None:
            if required:
                self.refuse(key, "is missing")
            return None
        return self._checked(key, value, known, needed)

    def _checked(self, key: str, value: Any, known: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            self.refuse(key, f"{value!r} has no source; write it as a group with " + ", ".join(needed) + ", source ...")
            return None
        before = len(self.problems)
        for name in value:
            if name not in known:
                self.refuse(f"{key}.{name}", unknown_name("key", name, known))
        for name in (*needed, "source", "evidence", "quality"):
            if name not in value:
                self.refuse(key, f"{name} is missing")
        if len(self.problems) > before:
            return None
        for name in ("unit", "source", "evidence", "quality", "note"):
            if name in value and not isinstance(value[name], str):
                self.refuse(f"{key}.{name}", f"{value[name]!r} must be a text")
                return None
        self._cite(key, value["source"])
        return value

    def _cite(self, key: str, source: str) -> None:
        own = self.data.get("references", {})
        known = bibliography() | (own if isinstance(own, dict) else {})
        for name in (part.strip() for part in source.split(",")):
            if name in known:
                self.references[name] = str(known[name])
            elif name:
                self.refuse(key, f'source "{name}" is not known; name one of references.bib or add it to [references]')


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
