"""The references that the numbers come from: a reader for the package's own BibTeX file, and citations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from ..errors import MaterialError
from .property import EVIDENCE, Property, PropertyTable

__all__ = ["Citation", "Sourced", "bibliography", "cite", "read_bibtex", "sources", "worst_quality"]

_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,")
_FIELD = re.compile(r"(\w+)\s*=\s*\{")


class Sourced(Protocol):
    """Anything made of sourced values: an alloy, a mould material, an interface."""

    @property
    def name(self) -> str:
        """Name that a report prints."""
        ...

    @property
    def references(self) -> Mapping[str, str]:
        """Text of every citation key in use."""
        ...

    def properties(self) -> dict[str, Property | PropertyTable]:
        """Every sourced value by name."""
        ...


@dataclass(frozen=True, slots=True)
class Citation:
    """One reference of a run: its key, its text, what was taken from it and how well it is known."""

    key: str
    text: str
    evidence: tuple[str, ...]
    quality: str
    used_for: tuple[str, ...]

    def __str__(self) -> str:
        return f"[{self.key}] {self.text} ({', '.join(self.evidence)}; worst quality {self.quality})"


def read_bibtex(text: str) -> dict[str, dict[str, str]]:
    """Return the entries of a BibTeX text: fields in braces by key, the entry's type under "type".

    Raises
    ------
    MaterialError
        If a key is given twice or a brace is not closed.
    """
    entries: dict[str, dict[str, str]] = {}
    for match in _ENTRY.finditer(text):
        key = match.group(2)
        if key in entries:
            raise MaterialError(f'reference "{key}" is given twice; keep one')
        body = _braced(text, text.index("{", match.start()), key)[len(match.group(0)) - match.group(0).index("{") - 1 :]
        fields = {"type": match.group(1).lower()}
        position = 0
        while found := _FIELD.search(body, position):
            value = _braced(body, found.end() - 1, key)
            fields[found.group(1).lower()] = " ".join(value.replace("{", "").replace("}", "").split())
            position = found.end() + len(value)
        entries[key] = fields
    return entries


def _braced(text: str, start: int, key: str) -> str:
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return text[start + 1 : position]
    raise MaterialError(f'reference "{key}" has an open brace that is not closed')


def cite(fields: Mapping[str, str]) -> str:
    """Return one reference as a line of text."""
    names = fields.get("author", "").replace(" and others", " et al.").replace(" and ", ", ")
    year = f" ({fields['year']})" if "year" in fields else ""
    title = fields.get("title", "")
    head = f"{names}{year}: {title}" if names else f"{title}{year}"
    places = [
        fields[name]
        for name in ("journal", "booktitle", "publisher", "institution", "howpublished", "number")
        if name in fields
    ]
    if "volume" in fields:
        places.append(fields["volume"])
    if "pages" in fields:
        places.append(fields["pages"].replace("--", "-"))
    line = ", ".join([head, *places])
    return f"{line}. {fields['note']}" if "note" in fields else line


@cache
def bibliography() -> dict[str, str]:
    """Return every reference that comes with castsolve: key and one line of text."""
    from importlib.resources import files

    text = files(__package__).joinpath("data", "references.bib").read_text(encoding="utf-8")
    return {key: cite(fields) for key, fields in read_bibtex(text).items()}


def sources(items: Iterable[Sourced]) -> tuple[Citation, ...]:
    """Return the references behind some materials and interfaces, in order of first use.

    Parameters
    ----------
    items : iterable of Alloy, MouldMaterial or Interface
        What a run uses; doubles are counted once.
    """
    uses: dict[str, list[tuple[str, Property | PropertyTable]]] = {}
    texts: dict[str, str] = {}
    seen: set[int] = set()
    for item in items:
        if id(item) in seen:
            continue
        seen.add(id(item))
        for label, value in item.properties().items():
            for key in value.source_keys:
                uses.setdefault(key, []).append((f"{item.name}: {label}", value))
                texts.setdefault(key, item.references.get(key, key))
    order = list(EVIDENCE)
    return tuple(
        Citation(
            key,
            texts[key],
            tuple(sorted({value.evidence for _, value in used}, key=order.index)),
            max(value.quality for _, value in used),
            tuple(dict.fromkeys(label for label, _ in used)),
        )
        for key, used in uses.items()
    )


def worst_quality(items: Iterable[Sourced]) -> str:
    """Return the worst quality letter behind some materials and interfaces, "A" (best) to "D"."""
    return max((value.quality for item in items for value in item.properties().values()), default="A")
