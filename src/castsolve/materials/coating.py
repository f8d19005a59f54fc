"""Coatings: dressings of dies, washes of sand. A layer with a conductivity and a thickness, in series with the contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from .property import Property, PropertyTable
from .references import Citation, sources, worst_quality
from .schema import SCHEMA, FileReader, load_toml

__all__ = ["Coating"]


@dataclass(frozen=True, slots=True, eq=False)
class Coating:
    """A thin layer between metal and mould. Every value is sourced and in SI.

    Read one with `castsolve.materials.coating("insulating-coating")`, or from a file of your own with `Coating.read(path)`.

    Attributes
    ----------
    name, id, title : str
        Short name, identifier in files, full designation.
    family : str
        Always "coating".
    aliases : tuple of str
        Other names.
    conductivity : Property
        W/m/K.
    thickness : Property
        m.
    """

    name: str
    id: str
    title: str
    family: str
    aliases: tuple[str, ...]
    conductivity: Property
    thickness: Property
    references: Mapping[str, str]
    note: str

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the coating of a file of your own.

        Raises
        ------
        MaterialError
            If anything in the file is missing, unknown or contradicts itself: one line a problem, with its key.
        """
        file = Path(path)
        return cls.from_data(load_toml(file), where=str(file))

    @classmethod
    def from_data(cls, data: dict[str, Any], *, where: str) -> Self:
        """Return the coating of a file's content; `where` names the file in refusals."""
        reader = FileReader(where, data)
        reader.text("schema", allowed=(SCHEMA,))
        reader.text("kind", allowed=("coating",))
        values: dict[str, Any] = {
            "name": reader.text("name"),
            "id": reader.text("id"),
            "title": reader.text("title"),
            "family": reader.text("family", allowed=("coating",)),
            "aliases": reader.texts("aliases"),
            "note": reader.text("note", default=""),
            "conductivity": reader.scalar("conductivity", "W/m/K", above=0.0),
            "thickness": reader.scalar("thickness", "m", above=0.0, below=0.02),
        }
        reader.done()
        return cls(**values, references=MappingProxyType(reader.references))

    @property
    def resistance(self) -> float:
        """Thickness over conductivity in m2 K/W."""
        return self.thickness.value / self.conductivity.value

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Return every sourced value by name."""
        return {"conductivity": self.conductivity, "thickness": self.thickness}

    def sources(self) -> tuple[Citation, ...]:
        """Return the references behind this coating."""
        return sources([self])

    @property
    def worst_quality(self) -> str:
        """Worst quality letter among the values, "A" to "D"."""
        return worst_quality([self])

    def __repr__(self) -> str:
        return f"Coating({self.name}: {self.title}, {1e6 * self.thickness.value:.0f} um)"
