"""Places written as text in a case file: "part.top", "part.nearest(0, -90 mm, 0)"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import InputError, unknown_name
from ..geometry import Anchor, Part, direction_of
from ..units import mm, quantity

__all__ = ["check_place", "place_text", "read_place"]

# Each word with its number of lengths; None is an anchor without brackets.
_WORDS: dict[str, int | None] = {"top": None, "bottom": None, "above": 2, "below": 2, "nearest": 3, "side": 1}
_DIRECTIONS = ("+x", "-x", "+y", "-y", "+z", "-z")
_FORM = re.compile(r"^\s*(?P<body>[A-Za-z_]\w*)\s*\.\s*(?P<word>[A-Za-z_]\w*)\s*(?:\((?P<arguments>[^()]*)\))?\s*$")
_EXAMPLES = '"part.top", "part.above(20 mm, 0 mm)" or "part.nearest(0 mm, -90 mm, 0 mm)"'


def check_place(text: Any) -> tuple[str, str, tuple[Any, ...]]:
    """Return a place that was written as text as body, word and arguments in m.

    Raises
    ------
    InputError
        If the text does not have the form, or a number has no unit.
    """
    if not isinstance(text, str) or not (match := _FORM.match(text)):
        raise InputError(f"{text!r} is no place; write {_EXAMPLES}")
    body, word, inside = match["body"], match["word"], match["arguments"]
    if not re.fullmatch(r"part([2-9]|[1-9]\d+)?", body):
        raise InputError(unknown_name("body to stand on", body, ["part", "part2"]))
    if word not in _WORDS:
        raise InputError(unknown_name("place of the part", word, _WORDS))
    count = _WORDS[word]
    if count is None:
        if inside is not None:
            raise InputError(f'"{text}" takes no brackets; write "part.{word}"')
        return body, word, ()
    parts = [piece.strip() for piece in (inside or "").split(",")]
    if word == "side":
        if parts[0] not in _DIRECTIONS or len(parts) != 1:
            raise InputError(f'"{text}" needs one direction, {", ".join(_DIRECTIONS)}; write "part.side(+x)"')
        return body, word, (parts[0],)
    if len(parts) != count or not all(parts):
        given = sum(bool(piece) for piece in parts)
        raise InputError(f'"{text}" has {given} lengths, part.{word} takes {count}; write for example {_EXAMPLES}')
    return body, word, tuple(_length(piece, text) for piece in parts)


def _length(piece: str, text: str) -> float:
    # Nought is nought in every unit.
    return 0.0 if re.fullmatch(r"[+-]?0+(\.0*)?", piece) else quantity(piece, "length", f'a length of "{text}"')


def read_place(given: str | Mapping[str, Any], part: Part, *more_parts: Part) -> Anchor:
    """Return the anchor on a part that a text, or a point with a normal, names; "part2" is the first of the further parts."""
    if isinstance(given, Mapping):
        normal = direction_of(given["normal"], "normal")
        return Anchor(np.array(given["point"], dtype=float), normal, bool(given.get("over_opening", False)))
    body, word, arguments = check_place(given)
    number = int(body.removeprefix("part") or 1)
    if number > 1 + len(more_parts):
        raise InputError(f'"{given}" stands on part {number}, but the mould holds {1 + len(more_parts)}')
    part = (part, *more_parts)[number - 1]
    if word in ("top", "bottom"):
        return part.top if word == "top" else part.bottom
    if word == "nearest":
        return part.nearest(arguments)
    makers: dict[str, Callable[..., Anchor]] = {"above": part.above, "below": part.below, "side": part.side}
    return makers[word](*arguments)


def place_text(anchor: Anchor) -> dict[str, Any]:
    """Return an anchor as a case file writes it: a point with units and a normal."""
    opening = {"over_opening": True} if anchor.over_opening else {}
    return {
        "point": [f"{value / mm:.15g} mm" for value in anchor.point.tolist()],
        "normal": [float(value) for value in anchor.normal],
        **opening,
    }
