"""The folder of a run: what was asked for, the checkpoint, the results. All that `resume` needs lies in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..casting.case import Case, RunSettings, named_files, parse_case
from ..errors import InputError, ResultsError
from ..results.files import disk_refusal
from ..units import mm, quantity

__all__ = ["RunFolder"]

_JOB = "job.json"
_CASE = "case.toml"
_MESHES = "meshes"
_CHECKPOINT = "checkpoint.bin"
_RESULT = "facts.json"
_DEMO_VOXEL = 4.0 * mm
# The filling takes steps of a millisecond or so: at 4 mm it would need an hour.
_DEMO_FILL_VOXEL = 12.0 * mm


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder that holds one run.

    Parameters
    ----------
    path : Path
        Made where missing, when a run is prepared.
    """

    path: Path

    @property
    def checkpoint(self) -> Path:
        """Where the state of the run is kept while it runs."""
        return self.path / _CHECKPOINT

    @property
    def unfinished(self) -> bool:
        """Whether the folder keeps the state of a run that has not ended: of its filling, between, or of its freezing."""
        return any(self.path.glob(f"{_CHECKPOINT}*"))

    def prepare_case(self, file: Path, *, voxel: str | None, threads: int | None, force: bool) -> Case:
        """Check a case file, copy it with its meshes into the folder, and return it."""
        if not file.is_file():
            raise InputError(f"there is no case file {file}; check the path")
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"case file {file} cannot be read ({error}); it must be a text file in UTF-8") from None
        case = _with(parse_case(text, folder=file.parent, name=file.name), voxel, threads)
        self._begin(force)
        try:
            (self.path / _MESHES).mkdir(exist_ok=True)
            meshes = {}
            for index, name in enumerate(named_files(text)):
                copy = f"{index}-{Path(name).name}"
                shutil.copyfile(file.parent / name, self.path / _MESHES / copy)
                meshes[name] = copy
            (self.path / _CASE).write_text(text, encoding="utf-8")
        except OSError as error:
            raise disk_refusal(error, f"the folder {self.path}") from error
        self._write_job({"kind": "case", "name": file.name, "voxel": voxel, "threads": threads, "meshes": meshes})
        return case

    def prepare_demo(self, *, voxel: str | None, threads: int | None, force: bool) -> Case:
        """Return the demonstration casting as a case, noted in the folder."""
        case = _with(_demo(), voxel, threads)
        self._begin(force)
        self._write_job({"kind": "demo", "voxel": voxel, "threads": threads})
        return case

    def stored_job(self) -> Case:
        """Return the case that was prepared in the folder, for a run that goes on.

        Raises
        ------
        ResultsError
            If no run was prepared here, or it has ended, or something in the folder was changed.
        """
        file = self.path / _JOB
        try:
            job = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ResultsError(
                f"{self.path} holds no run (no {_JOB}); start one with: castsolve run CASE -o DIR"
            ) from None
        except (OSError, ValueError) as error:
            raise ResultsError(f"{file} cannot be read ({error}); start the run from the beginning") from None
        if not self.unfinished and self._finished():
            raise ResultsError(f"the run in {self.path} has ended; see it with: castsolve view {self.path}")
        return self._case_of(job)

    def _case_of(self, job: dict[str, Any]) -> Case:
        if job.get("digest") != self._digest(job):
            raise ResultsError(f"{self.path} was changed since its run began; start the run from the beginning")
        if job["kind"] == "demo":
            return _with(_demo(), job["voxel"], job["threads"])
        text = (self.path / _CASE).read_text(encoding="utf-8")
        meshes = {name: self.path / _MESHES / copy for name, copy in job["meshes"].items()}
        return _with(parse_case(text, folder=self.path, name=job["name"], files=meshes), job["voxel"], job["threads"])

    def _begin(self, force: bool) -> None:
        """Make the folder, and see that it can be written and holds nothing that would be lost."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not force and self.unfinished:
                raise ResultsError(
                    f"{self.path} holds a run that was not finished; go on with: castsolve resume {self.path},"
                    " or start again with --force"
                )
            if not force and self._finished():
                raise ResultsError(
                    f"{self.path} holds a finished run; choose another folder, or replace it with --force"
                )
            trial = self.path / f".trial-{os.getpid()}"
            trial.write_bytes(b"x")
            trial.unlink()
            for kept in self.path.glob(f"{_CHECKPOINT}*"):
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        except OSError as error:
            raise disk_refusal(error, f"the folder {self.path}") from error

    def _finished(self) -> bool:
        return any(self.path.glob(_RESULT))

    def _write_job(self, job: dict[str, Any]) -> None:
        job = {**job, "digest": self._digest(job)}
        try:
            (self.path / _JOB).write_text(json.dumps(job, indent=1), encoding="utf-8")
        except OSError as error:
            raise disk_refusal(error, f"the folder {self.path}") from error

    def _digest(self, job: dict[str, Any]) -> str:
        """Return a checksum of all that decides the result: version, settings, case and meshes."""
        from .. import __version__

        told = {key: value for key, value in job.items() if key not in ("digest", "threads")}
        total = hashlib.sha256(json.dumps([__version__, told], sort_keys=True).encode())
        if job["kind"] == "case":
            for file in (self.path / _CASE, *(self.path / _MESHES / copy for copy in job["meshes"].values())):
                total.update(file.read_bytes() if file.exists() else b"gone")
        return total.hexdigest()


def _demo() -> Case:
    from ..demo.study import demo_casting, demo_probes

    run = RunSettings(_DEMO_VOXEL, probes=demo_probes(), filling=True, fill_voxel=_DEMO_FILL_VOXEL)
    return Case(demo_casting(), run=run)


def _with(case: Case, voxel: str | None, threads: int | None) -> Case:
    run = case.run
    if voxel is not None:
        edge = quantity(voxel, "length", "--voxel")
        if edge <= 0.0:
            raise InputError(f"--voxel = {edge / mm:g} mm must be above 0 mm")
        # A filling coarser than the freezing stays as it is, unless that becomes coarser still.
        run = replace(run, voxel=edge, fill_voxel=None if run.fill_voxel is None else max(run.fill_voxel, edge))
    if threads is not None:
        run = replace(run, threads=threads)
    return replace(case, run=run)
