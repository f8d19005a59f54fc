"""What is wrong with a case file, one line a problem: the key as the file has it, what stands there, what is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ..errors import InputError, unknown_name
from .case_inlets import INLETS
from .case_models import PIECES, CaseModel

__all__ = ["problems_of", "refusal"]

# What pydantic puts into a place for the branch of a union that it tried.
_BRANCH = re.compile(r"(str|int|float|bool|\w+Model|(literal|dict|tuple|list|function-\w+)\[.*|\[key\])", re.DOTALL)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WANTED = {
    "string_type": "a text", "bool_type": "true or false", "bool_parsing": "true or false",
    "float_type": "a number", "float_parsing": "a number", "finite_number": "a finite number",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number", "tuple_type": "a list", "dict_type": "a table", "model_type": "a table",
    "model_attributes_type": "a table",
}  # fmt: skip
_LONGEST = 80
# Tables of several kinds, each with a model of its own.
_KINDS: Mapping[str | int, Mapping[str, Any]] = {"rigging": PIECES, "inlet": INLETS}


def refusal(name: str, problems: Sequence[str]) -> InputError:
    """Return the refusal of a case file with all its problems."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return InputError("\n".join([f"{name} has {count}:", *(f"  {' '.join(problem.split())}" for problem in problems)]))


def problems_of(error: ValidationError) -> list[str]:
    """Return every problem that the models found, as key and sentence."""
    places = [_Place.of(problem) for problem in error.errors()]
    found: dict[str, list[_Place]] = {}
    for place in places:
        # Of the branches of a union the one that came farthest is the one that was meant.
        if place.ends_in_branch and any(_is_deeper(other.keys, place.keys) for other in places):
            continue
        found.setdefault(_written(place.keys), []).append(place)
    return [f"{path}: {sentence}" if path else sentence for path, group in found.items() for sentence in _sentences(group)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a problem is: the keys of the file, the model that they lead to, and whether a branch of a union was tried last."""

    problem: Any
    keys: tuple[str | int, ...]
    model: Any
    ends_in_branch: bool

    @classmethod
    def of(cls, problem: Any) -> _Place:
        keys: list[str | int] = []
        here: Any = CaseModel
        branch = False
        for piece in problem["loc"]:
            fields = getattr(here, "model_fields", {})
            branch = False
            if isinstance(piece, str) and piece in fields:
                keys.append(piece)
                here = fields[piece].annotation
                models = list(_models(here))
                here = models[0] if len(models) == 1 else here
            elif isinstance(piece, str) and len(keys) == 2 and piece in _KINDS.get(keys[0], {}):
                here = _KINDS[keys[0]][piece]
            elif isinstance(piece, str) and _BRANCH.fullmatch(piece):
                branch = True
            else:
                keys.append(piece)
        if problem["type"].startswith("union_tag"):
            keys.append("kind")
        return cls(problem, tuple(keys), here, branch)


def _models(annotation: Any) -> Iterator[Any]:
    """Return the models inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _models(inner)


def _is_deeper(other: tuple[str | int, ...], keys: tuple[str | int, ...]) -> bool:
    return len(other) > len(keys) and other[: len(keys)] == keys


def _written(keys: Iterable[str | int]) -> str:
    """Return keys as a file writes them: casting.flask, rigging[0]."at the top"."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{_quoted(key)}" for key in keys).removeprefix(".")


def _quoted(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key)


def _sentences(group: Sequence[_Place]) -> list[str]:
    """Return the sentences about one key; what several branches want is said in one."""
    if len(group) > 1 and all(place.ends_in_branch for place in group):
        wanted = list(dict.fromkeys(_wanted(place.problem) for place in group))
        return [f"{_shown(group[0].problem['input'])} is not allowed; write {' or '.join(wanted)}"]
    return [_sentence(place) for place in group]


def _sentence(place: _Place) -> str:
    problem = place.problem
    kind = problem["type"]
    if kind == "extra_forbidden":
        return unknown_name("key", str(place.keys[-1]), list(getattr(place.model, "model_fields", {})))
    if kind == "missing":
        return "is missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        given = problem["input"].get("kind") if isinstance(problem["input"], Mapping) else None
        known = ", ".join(f'"{piece}"' for piece in _KINDS[place.keys[0]])
        return f"{'is missing' if given is None else f'{_shown(given)} is unknown'}; write one of {known}"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    if kind == "literal_error" or kind in _WANTED:
        return f"{_shown(problem['input'])} is not allowed; write {_wanted(problem)}"
    return f"{_shown(problem['input'])} is not allowed; {problem['msg'].lower()}"


def _wanted(problem: Any) -> str:
    if problem["type"] == "literal_error":
        return str(problem["ctx"]["expected"])
    return _WANTED.get(problem["type"], str(problem["msg"]).lower())


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
