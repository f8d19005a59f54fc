"""What a run leaves behind: named fields on a frame, history, probes, snapshots and facts.

A `Results` knows no criterion: verdicts are functions of it and live elsewhere.
"""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ResultsError, unknown_name
from .fields import FIELDS, Display, FieldInfo
from .frame import Frame
from .summary import summarize

__all__ = ["Place", "Probe", "Results"]


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A virtual thermocouple: the temperature of one place over time.

    Attributes
    ----------
    name : str
    place : tuple of float
        x, y, z in m.
    body : str
        The body the place lies in.
    times, temperatures : ndarray
        s since the pour, and K.
    """

    name: str
    place: tuple[float, float, float] = field(kw_only=True)
    times: NDArray[np.float64] = field(kw_only=True)
    temperatures: NDArray[np.float64] = field(kw_only=True)
    body: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        x, y, z = (float(c) for c in self.place)
        object.__setattr__(self, "place", (x, y, z))
        for name in ("times", "temperatures"):
            object.__setattr__(self, name, _frozen(np.asarray(getattr(self, name), dtype=np.float64)))
        if self.times.ndim != 1 or self.times.shape != self.temperatures.shape:
            raise ResultsError(
                f'probe "{self.name}" has {self.times.size} times and {self.temperatures.size} temperatures; '
                "it needs one temperature a time"
            )

    def __repr__(self) -> str:
        x, y, z = (c * 1e3 for c in self.place)
        inside = f" in {self.body}" if self.body else ""
        return f"Probe({self.name!r} at {x:.1f}, {y:.1f}, {z:.1f} mm{inside}, {self.times.size} readings)"


@dataclass(frozen=True, slots=True)
class Place:
    """One voxel of a field: where it is, whose it is, and the value there (SI)."""

    point: tuple[float, float, float]
    index: tuple[int, int, int] = field(kw_only=True)
    value: float = field(kw_only=True)
    body: str = field(default="", kw_only=True)

    def __str__(self) -> str:
        # Adding zero turns -0.0 into 0.0.
        x, y, z = (round(c * 1e3, 1) + 0.0 for c in self.point)
        return f"x, y, z = {x:.1f}, {y:.1f}, {z:.1f} mm" + (f" in {self.body}" if self.body else "")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Results(Mapping[str, NDArray[Any]]):
    """A finished run: a read-only mapping of named fields, ``[x, y, z]`` in C order, in SI.

    Attributes
    ----------
    grid : Frame
        Node coordinates and names; also found under ``frame``. Any grid with x, y, z may be given.
    fields : mapping of str to ndarray
        Every array has the shape of the frame. Names outside the field table need an entry in `infos`.
    history : mapping of str to ndarray
        Columns of one length over the steps; "time" is one of them where there are any.
    probes : mapping of str to Probe
    snapshots : mapping of float to ndarray
        Temperature (K) of the whole frame at recorded times (s).
    moments : mapping of float to mapping of str to ndarray
        Fields as they were at recorded times (s) of the pour: fill_fraction, speed, and what else the filling solved for.
    facts : mapping
        What the run was: plain numbers, texts, lists and mappings only, so that they can be written down.
    carried : mapping of str to ndarray
        What a run that goes on from this one needs beside the fields: arrays of any shape.
    infos : mapping of str to FieldInfo
        The units and meaning of the user's own fields.
    """

    grid: Frame
    fields: Mapping[str, NDArray[Any]] = field(default_factory=dict, kw_only=True)
    history: Mapping[str, NDArray[Any]] = field(default_factory=dict, kw_only=True)
    probes: Mapping[str, Probe] = field(default_factory=dict, kw_only=True)
    snapshots: Mapping[float, NDArray[Any]] = field(default_factory=dict, kw_only=True)
    moments: Mapping[float, Mapping[str, NDArray[Any]]] = field(default_factory=dict, kw_only=True)
    facts: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    carried: Mapping[str, NDArray[Any]] = field(default_factory=dict, kw_only=True)
    infos: Mapping[str, FieldInfo] = field(default_factory=dict, kw_only=True)

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    def __post_init__(self) -> None:
        frame = Frame.of(self.grid)
        infos = dict(self.infos)
        fields = {str(n): self._checked(frame, f'field "{n}"', a) for n, a in self.fields.items()}
        for name in fields:
            if name not in FIELDS and name not in infos:
                raise ResultsError(
                    unknown_name("field", name, FIELDS) + "; give its unit and meaning in infos to keep it as your own"
                )
        snapshots = {
            float(t): self._checked(frame, f"the snapshot at {float(t):g} s", a)
            for t, a in sorted(self.snapshots.items())
        }
        moments = {
            float(t): MappingProxyType({n: self._checked(frame, f'"{n}" at {float(t):g} s', a) for n, a in held.items()})
            for t, held in sorted(self.moments.items())
        }
        probes = self.probes.values() if isinstance(self.probes, Mapping) else self.probes
        settled = {
            "grid": frame,
            "fields": MappingProxyType(fields),
            "history": MappingProxyType(_columns(self.history)),
            "probes": MappingProxyType({p.name: p for p in probes}),
            "snapshots": MappingProxyType(snapshots),
            "moments": MappingProxyType(moments),
            "facts": MappingProxyType(_plain(dict(self.facts), "facts")),
            "carried": MappingProxyType({str(n): _frozen(np.asarray(a)) for n, a in self.carried.items()}),
            "infos": MappingProxyType({n: i for n, i in infos.items() if n in fields}),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @staticmethod
    def _checked(frame: Frame, what: str, array: ArrayLike) -> NDArray[Any]:
        given = np.asarray(array)
        if given.dtype.kind not in "fiub":
            raise ResultsError(f"{what} holds {given.dtype}; only numbers can be kept")
        if given.shape != frame.shape:
            raise ResultsError(f"{what} has the shape {given.shape}; the frame has {frame.shape} voxels")
        return _frozen(given)

    # -- the mapping -------------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> NDArray[Any]:
        try:
            return self.fields[name]
        except KeyError:
            pass
        raise ResultsError(self._refusal(name))

    def _refusal(self, name: str) -> str:
        if name in FIELDS:
            return f'this result has no field "{name}" ({FIELDS[name].meaning}); it has ' + ", ".join(self.fields)
        return unknown_name("field", str(name), self.fields, listing="list(result) names all")

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def frame(self) -> Frame:
        """The grid, under its other name."""
        return self.grid

    # -- units -------------------------------------------------------------------------------------------------

    def info(self, name: str) -> FieldInfo:
        """Return what a field is: unit, display unit, meaning, where it is valid."""
        if name in self.infos:
            return self.infos[name]
        if name in FIELDS:
            return FIELDS[name]
        raise ResultsError(self._refusal(name))

    def display(self, name: str) -> Display:
        """Return the display unit that suits a field's values."""
        return self.info(name).display_for(self[name])

    def in_display(self, name: str) -> NDArray[Any]:
        """Return a field in its display unit, for example degC, mm, min, K/mm."""
        return np.asarray(self.display(name).of(self[name]))

    # -- places ------------------------------------------------------------------------------------------------

    def where(
        self, *, role: str | None = None, body: str | None = None, region: str | None = None
    ) -> NDArray[np.bool_]:
        """Return the mask of the voxels that belong to a role, a body or a region (all that are given).

        Raises
        ------
        ResultsError
            If the name is unknown or the result does not hold the field that tells.
        """
        mask = np.ones(self.frame.shape, dtype=bool)
        for kind, wanted, names, source in (
            ("role", role, self.frame.body_roles, "body"),
            ("body", body, self.frame.body_names, "body"),
            ("region", region, self.frame.region_names, "region"),
        ):
            if wanted is None:
                continue
            numbers = [i for i, name in enumerate(names) if name == wanted]
            if not numbers:
                raise ResultsError(unknown_name(kind, wanted, names))
            mask &= np.isin(self[source], numbers)
        return mask

    @property
    def metal(self) -> NDArray[np.bool_]:
        """The mask of the metal voxels (region 0); all voxels where the result holds no regions."""
        if "region" in self.fields:
            return np.asarray(self.fields["region"] == 0)
        return np.ones(self.frame.shape, dtype=bool)

    def volumes(self) -> NDArray[np.float64]:
        """Return the volume in m3 that each voxel owns (whole voxel times volume factor)."""
        whole = self.frame.voxel_volumes()
        return whole * self.fields["volume_factor"] if "volume_factor" in self.fields else whole

    def body_at(self, index: Sequence[int]) -> str:
        """Return the name of the body that owns a voxel ("" where bodies are not recorded)."""
        if "body" not in self.fields:
            return ""
        number = int(self.fields["body"][tuple(index)])
        return self.frame.body_names[number] if number < len(self.frame.body_names) else ""

    def peak(
        self, name: str = "solidification_time", *, lowest: bool = False, where: NDArray[np.bool_] | None = None
    ) -> Place:
        """Return the voxel with the largest (or lowest) finite value of a field.

        Parameters
        ----------
        name : str
            A field.
        lowest : bool
            Look for the smallest value.
        where : ndarray of bool, optional
            Look only there, for example ``result.where(role="part")``.

        Raises
        ------
        ResultsError
            If the field has no finite value there.
        """
        values = self[name]
        usable = np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, dtype=bool)
        if where is not None:
            usable &= where
        if not usable.any():
            raise ResultsError(f'the field "{name}" has no finite value in the voxels asked for')
        sought = np.where(usable, values, math.inf if lowest else -math.inf)
        flat = int(sought.argmin() if lowest else sought.argmax())
        i, j, k = (int(n) for n in np.unravel_index(flat, values.shape))
        at = (i, j, k)
        return Place(self.frame.place(at), index=at, value=float(values[at]), body=self.body_at(at))

    # -- the user's own criterion --------------------------------------------------------------------------------

    def evaluate(self, function: Callable[..., ArrayLike]) -> NDArray[Any]:
        """Return a function of fields; its parameters are named as the fields it wants.

        Divisions by zero and roots of NaN give NaN or infinity without a warning: fields are NaN outside the metal.

        Examples
        --------
        >>> result.evaluate(lambda thermal_gradient, cooling_rate: thermal_gradient / cooling_rate**0.5)
        """
        given = {}
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
                raise ResultsError(f"a criterion names the fields it wants; {parameter} names none")
            if name in self.fields:
                given[name] = self.fields[name]
            elif parameter.default is parameter.empty:
                raise ResultsError(self._refusal(name))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            value = np.asarray(function(**given))
        return self._checked(self.frame, "the criterion's value", value)

    def with_field(
        self,
        name: str,
        array: ArrayLike | Callable[..., ArrayLike],
        info: FieldInfo | None = None,
        *,
        unit: str = "",
        meaning: str = "",
    ) -> Results:
        """Return these results with one more field: an array, or a function of fields as `evaluate` takes it.

        Parameters
        ----------
        name : str
            The new field's name; an existing field is replaced.
        array : array or callable
        info : FieldInfo, optional
            Units and meaning; needed only for names outside the field table that want a display unit.
        unit, meaning : str, optional
            The short form of `info`: the SI unit, and one sentence.
        """
        values = self.evaluate(array) if callable(array) else np.asarray(array)
        infos = dict(self.infos)
        if info is not None:
            infos[name] = replace(info, name=name)
        elif name not in FIELDS or unit or meaning:
            infos[name] = FieldInfo(name, unit, meaning or "user's own field", Display(unit), dtype=values.dtype.name)
        return replace(self, fields={**self.fields, name: values}, infos=infos)

    def moment(self, time: float) -> Results:
        """Return these results with the fields as they were at a recorded time (s) of the pour.

        Raises
        ------
        ResultsError
            If that time was not recorded.
        """
        for recorded, held in self.moments.items():
            if math.isclose(recorded, time, rel_tol=1e-9, abs_tol=1e-12):
                return replace(self, fields={**self.fields, **held, **self._poured()})
        known = ", ".join(f"{t:.4g}" for t in self.moments) or "none; fill with record=[...] times"
        raise ResultsError(f"the filling was not recorded at {time:g} s; its moments (s) are {known}")

    def _poured(self) -> dict[str, NDArray[Any]]:
        """The field "region" before metal ran out of what is empty in the end."""
        names = self.frame.region_names
        if "empty" not in names or "region" not in self.fields:
            return {}
        region = self.fields["region"]
        return {"region": np.where(region == names.index("empty"), np.zeros_like(region), region)}

    # -- words -------------------------------------------------------------------------------------------------

    def summary(self) -> str:
        """Return the run in words: casting, alloy, masses, times, energy, clock, sources and warnings."""
        return summarize(self)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write everything to a folder, see `castsolve.results.save`; `castsolve.load` reads it."""
        from .storage import save

        return save(self, folder)

    def to_csv(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write history and probes as tables in display units, see `castsolve.results.to_csv`."""
        from .storage import to_csv

        return to_csv(self, folder)

    def to_vtk(self, folder: str | os.PathLike[str], *, fields: Iterable[str] | None = None) -> dict[str, Path]:
        """Write files for ParaView, see `castsolve.results.to_vtk`."""
        from .vtk import to_vtk

        return to_vtk(self, folder, fields=fields)

    def to_vtkhdf(self, path: str | os.PathLike[str]) -> Path:
        """Write the recorded times as one file for ParaView, see `castsolve.results.to_vtkhdf`."""
        from .vtkhdf import to_vtkhdf

        return to_vtkhdf(self, path)

    def to_xarray(self) -> Any:
        """Return an xarray Dataset, see `castsolve.results.to_xarray`."""
        from .labelled import to_xarray

        return to_xarray(self)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the run warned of."""
        return tuple(str(w) for w in self.facts.get("warnings") or ())

    @property
    def nbytes(self) -> int:
        """Memory of all fields, snapshots and moments, and of what is carried on, in bytes."""
        moments = (a for held in self.moments.values() for a in held.values())
        return sum(a.nbytes for a in (*self.fields.values(), *self.snapshots.values(), *moments, *self.carried.values()))

    def __repr__(self) -> str:
        nx, ny, nz = self.frame.shape
        low, high = self.frame.bounds
        extent = " x ".join(f"{e * 1e3:.4g}" for e in high - low)
        return (
            f"Results({nx} x {ny} x {nz} = {self.frame.voxels / 1e6:.3g} M voxels, "
            f"voxel {self.frame.voxel * 1e3:.3g} mm, extent {extent} mm, {len(self)} fields, "
            f"{len(self.probes)} probes, {len(self.snapshots)} snapshots, {self.nbytes / 2**20:.3g} MiB)"
        )


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _columns(history: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    columns = {str(n): _frozen(np.asarray(c)) for n, c in history.items()}
    lengths = {n: c.shape for n, c in columns.items()}
    if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) > 1:
        raise ResultsError(
            "the history needs columns of one length; it has "
            + ", ".join(f"{n} {'x'.join(map(str, s)) or 'scalar'}" for n, s in lengths.items())
        )
    return columns


def _plain(value: Any, path: str) -> Any:
    """Return facts as plain JSON values: what is not a number becomes None, infinity a text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item(), path)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else str(value)
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), path)
    if isinstance(value, Mapping):
        return {str(k): _plain(v, f"{path}.{k}") for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v, f"{path}[{i}]") for i, v in enumerate(value)]
    raise ResultsError(f"{path} is a {type(value).__name__}; facts are numbers, texts, lists and mappings only")
