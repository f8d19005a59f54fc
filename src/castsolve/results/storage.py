"""Saving and loading results: a folder with the numbers (HDF5) and the facts (JSON), without pickle.

``facts.json`` names the file of numbers it belongs to. Both are written beside their places and flushed; replacing
``facts.json`` is the one moment at which a result is saved, so an earlier result stays whole until the new one is.
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ResultsError, unknown_name
from .fields import Display, FieldInfo, series_info
from .files import disk_refusal, make_folder, replacing
from .frame import Frame
from .results import Probe, Results

__all__ = ["load", "save", "to_csv"]

_FORMAT = "castsolve result"
_VERSION = 1
_FACTS = "facts.json"
_KEYS = {"format", "version", "data", "facts", "infos"}
_GROUPS = {"frame", "fields", "history", "probes", "snapshots"}
# Only in fillings that were recorded on their way, and in those after which a sleeve burns on.
_MOMENTS, _CARRIED = "moments", "carried"
_SOMETIMES = {_MOMENTS, _CARRIED}
# One voxel layer is compressed in pieces of about this size: small enough for a section, large enough for gzip.
_CHUNK = 1 << 18


def save(result: Results, folder: str | os.PathLike[str]) -> Path:
    """Write a result to a folder; an earlier result there is replaced when the new one is complete.

    Parameters
    ----------
    result : Results
    folder : path
        Made where missing. Other files in it are left alone.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultsError
        If the folder cannot be written, the disk is full, or a foreign ``facts.json`` lies there.
    """
    place = make_folder(folder, "a result")
    index = place / _FACTS
    earlier = _earlier_data(index)
    name = f"fields-{secrets.token_hex(4)}.h5"
    what = f"the result {place}"
    head = {
        "format": _FORMAT,
        "version": _VERSION,
        "data": name,
        "facts": dict(result.facts),
        "infos": {n: asdict(i) for n, i in result.infos.items()},
    }
    try:
        _write_data(result, place / name)
        with replacing(index, what) as partial:
            partial.write_text(json.dumps(head, indent=1, allow_nan=False), encoding="utf-8")
    except OSError as error:
        (place / name).unlink(missing_ok=True)
        raise disk_refusal(error, what, size=result.nbytes, kept=bool(earlier)) from error
    except BaseException:
        (place / name).unlink(missing_ok=True)
        raise
    # Only now may the numbers of the earlier result go, and those of writers that were killed before they finished.
    for other in place.glob("fields-*.h5"):
        if other.name != name:
            other.unlink(missing_ok=True)
    return place


def _earlier_data(index: Path) -> str:
    if not index.exists():
        return ""
    try:
        head = json.loads(index.read_text(encoding="utf-8"))
        if isinstance(head, dict) and head.get("format") == _FORMAT:
            return str(head.get("data", ""))
    except OSError as error:
        raise disk_refusal(error, f"the result {index.parent}") from error
    except ValueError:
        # Not JSON: somebody else's file, refused below.
        pass
    raise ResultsError(f"{index} is not a castsolve result and will not be replaced; save to another folder")


def _write_data(result: Results, path: Path) -> None:
    # HDF5 crashes the process when a disk fills up under it: let it write to memory (compressed), then write that.
    image = _hdf_image(result)
    with replacing(path, f"the result {path.parent}") as partial, open(partial, "wb") as file:
        file.write(image.getbuffer())


def _hdf_image(result: Results) -> io.BytesIO:
    import h5py

    image = io.BytesIO()
    with h5py.File(image, "w") as file:
        file.attrs["format"] = _FORMAT
        file.attrs["version"] = _VERSION
        frame = file.create_group("frame")
        for axis, nodes in zip("xyz", result.frame.nodes, strict=True):
            frame[axis] = nodes
        for names in ("region_names", "body_names", "body_roles"):
            frame.attrs[names] = json.dumps(getattr(result.frame, names))
        _write_arrays(file.create_group("fields"), result.fields)
        _write_arrays(file.create_group("history"), result.history)
        snapshots = file.create_group("snapshots")
        for number, (time, array) in enumerate(result.snapshots.items()):
            _dataset(snapshots, f"{number:05d}", array).attrs["time"] = time
        if result.moments:
            moments = file.create_group(_MOMENTS)
            for number, (time, held) in enumerate(result.moments.items()):
                group = moments.create_group(f"{number:05d}")
                group.attrs["time"] = time
                _write_arrays(group, held)
        if result.carried:
            _write_arrays(file.create_group(_CARRIED), result.carried)
        probes = file.create_group("probes")
        for number, probe in enumerate(result.probes.values()):
            group = probes.create_group(f"{number:05d}")
            group.attrs["name"] = probe.name
            group.attrs["body"] = probe.body
            group.attrs["place"] = probe.place
            _write_arrays(group, {"times": probe.times, "temperatures": probe.temperatures})
    return image


def _write_arrays(group: Any, arrays: Mapping[str, NDArray[Any]]) -> None:
    for name, array in arrays.items():
        _dataset(group, name, array)


def _dataset(group: Any, name: str, array: NDArray[Any]) -> Any:
    if array.size < 1024:
        return group.create_dataset(name, data=array)
    chunks = list(array.shape)
    for axis in range(array.ndim):
        others = array.itemsize * int(np.prod(chunks)) // chunks[axis]
        chunks[axis] = max(1, min(chunks[axis], _CHUNK // max(others, 1)))
        if array.itemsize * int(np.prod(chunks)) <= _CHUNK:
            break
    return group.create_dataset(
        name, data=array, chunks=tuple(chunks), compression="gzip", compression_opts=1, shuffle=True, fletcher32=True
    )


def load(folder: str | os.PathLike[str], *, fields: Iterable[str] | None = None) -> Results:
    """Read a saved result.

    Parameters
    ----------
    folder : path
        A folder written by `save`.
    fields : iterable of str, optional
        Read only these fields (memory). Default: all.

    Raises
    ------
    ResultsError
        If the folder holds no result, or the files are damaged, incomplete or from a newer castsolve.
    """
    place = Path(folder)
    index = place / _FACTS
    try:
        head = json.loads(index.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ResultsError(f"there is no result in {place}; it would hold a {_FACTS}") from None
    except OSError as error:
        raise ResultsError(f"{index} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise ResultsError(f"{index} is damaged or cut short; run the casting again") from None
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise ResultsError(f"{index} is not a castsolve result")
    _check_version(head.get("version"), index)
    if set(head) != _KEYS:
        raise _left_over(index, set(head) ^ _KEYS)
    data = place / Path(str(head["data"])).name
    try:
        infos = {n: FieldInfo(**_info(i)) for n, i in head["infos"].items()}
    except (TypeError, AttributeError):
        raise ResultsError(f"{index} describes a field in a way that this version does not know") from None
    if not data.is_file():
        raise ResultsError(f"the result {place} is incomplete: {data.name} is missing; run the casting again")
    wanted = None if fields is None else list(fields)
    parts = _read_hdf(data, wanted)
    return Results(**parts, facts=head["facts"], infos={n: i for n, i in infos.items() if n in parts["fields"]})


def _info(stored: dict[str, Any]) -> dict[str, Any]:
    known = dict(stored)
    known["display"] = Display(**known["display"])
    if known.get("long_display") is not None:
        known["long_display"] = Display(**known["long_display"])
    return known


def _check_version(version: Any, path: Path) -> None:
    if not isinstance(version, (int, np.integer)):
        raise ResultsError(f"{path} tells no version; it is damaged")
    if version > _VERSION:
        raise ResultsError(f"{path} has format version {version}; this castsolve reads up to {_VERSION}: upgrade it")


def _left_over(path: Path, names: Iterable[str]) -> ResultsError:
    listed = ", ".join(sorted(str(n) for n in names))
    return ResultsError(f"{path} does not hold exactly what a result of version {_VERSION} holds: {listed}")


def _read_hdf(path: Path, wanted: list[str] | None) -> dict[str, Any]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != _FORMAT:
                raise ResultsError(f"{path} is not the data of a castsolve result")
            _check_version(file.attrs.get("version"), path)
            if set(file) - _SOMETIMES != _GROUPS:
                raise _left_over(path, (set(file) - _SOMETIMES) ^ _GROUPS)
            return _read_groups(file, path, wanted)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise ResultsError(f"{path} is damaged or cut short ({_first_line(error)}); run the casting again") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _read_groups(file: Any, path: Path, wanted: list[str] | None) -> dict[str, Any]:
    stored = file["frame"]
    if set(stored) != {"x", "y", "z"}:
        raise _left_over(path, set(stored) ^ {"x", "y", "z"})
    names = {n: tuple(json.loads(stored.attrs[n])) for n in ("region_names", "body_names", "body_roles")}
    frame = Frame(stored["x"][()], stored["y"][()], stored["z"][()], **names)
    for name in wanted or ():
        if name not in file["fields"]:
            raise ResultsError(unknown_name("field", name, file["fields"]))
    fields = {n: file["fields"][n][()] for n in (file["fields"] if wanted is None else wanted)}
    snapshots = {}
    for row in file["snapshots"].values():
        snapshots[float(row.attrs["time"])] = row[()]
    moments = {}
    for row in file[_MOMENTS].values() if _MOMENTS in file else ():
        moments[float(row.attrs["time"])] = {n: row[n][()] for n in row}
    probes = {}
    for row in file["probes"].values():
        if set(row) != {"times", "temperatures"}:
            raise _left_over(path, set(row) ^ {"times", "temperatures"})
        name = str(row.attrs["name"])
        probes[name] = Probe(
            name,
            place=tuple(row.attrs["place"]),
            body=str(row.attrs["body"]),
            times=row["times"][()],
            temperatures=row["temperatures"][()],
        )
    history = {n: file["history"][n][()] for n in file["history"]}
    carried = {n: a[()] for n, a in file[_CARRIED].items()} if _CARRIED in file else {}
    return {
        "grid": frame, "fields": fields, "history": history, "probes": probes, "snapshots": snapshots, "moments": moments,
        "carried": carried,
    }  # fmt: skip


def to_csv(result: Results, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the history and the probes as tables in display units, the unit in each heading.

    Parameters
    ----------
    result : Results
    folder : path
        Gets ``history.csv`` and one ``probe-<name>.csv`` a probe, where there are any.

    Returns
    -------
    list of Path
        The files written.
    """
    place = make_folder(folder, "tables")
    written = []
    if result.history:
        written.append(_table(place / "history.csv", {n: (series_info(n), c) for n, c in result.history.items()}))
    for probe in result.probes.values():
        # Times stay in seconds: a thermocouple is compared with a logger, row by row.
        columns = {
            "time": (series_info("time"), probe.times),
            "temperature": (series_info("temperature"), probe.temperatures),
        }
        written.append(_table(place / f"probe-{_file_name(probe.name)}.csv", columns))
    return written


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) or "unnamed"


def _table(path: Path, columns: Mapping[str, tuple[FieldInfo, NDArray[Any]]]) -> Path:
    units = {name: info.display.unit for name, (info, _) in columns.items()}
    headings = [f"{name} [{unit}]" if unit else name for name, unit in units.items()]
    shown = [info.display.of(column) for info, column in columns.values()]
    with replacing(path, f"the table {path}") as partial, open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(zip(*(_readable(c) for c in shown), strict=True))
    return path


def _readable(column: NDArray[Any]) -> list[str]:
    return [f"{v:.9g}" if isinstance(v, float) else str(v) for v in column.tolist()]
