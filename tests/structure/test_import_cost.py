"""Importing castsolve is cheap: nothing heavy comes along, and the public names appear when they are asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["scipy", "pyvista", "vtk", "vtkmodules", "meshio", "pint", "pydantic", "h5py", "typer", "rich", "matplotlib"]


def loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_loads_nothing_heavy():
    assert loaded_after("import castsolve, castsolve.units").isdisjoint(HEAVY)


def test_a_length_in_units_loads_nothing_heavy():
    assert loaded_after("from castsolve.units import mm, degC\nlength = 4*mm\nT = degC(720)").isdisjoint(HEAVY)


def test_the_harness_sees_a_heavy_import():
    assert "h5py" in loaded_after("import h5py")


def test_import_has_no_side_effect():
    command = [sys.executable, "-W", "error", "-c", "import castsolve"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == ""
    assert done.stderr == ""


def test_every_public_name_is_there():
    import castsolve

    missing = [name for name in castsolve.__all__ if not hasattr(castsolve, name)]
    assert missing == []
    assert set(castsolve.__all__) <= set(dir(castsolve))


def test_an_unknown_name_is_an_attribute_error():
    import castsolve

    with pytest.raises(AttributeError, match="NoSuchName"):
        _ = castsolve.NoSuchName
