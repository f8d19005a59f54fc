"""Checkpoints come back to the bit and survive a kill at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from castsolve.errors import ResultsError
from castsolve.results import read_checkpoint, write_checkpoint

ARRAYS = {
    "enthalpy": np.random.default_rng(0).random((5, 6, 7), dtype=np.float32),
    "time": np.array([np.nan, np.inf, -0.0, 5e-324]),
    "region": np.arange(210, dtype=np.uint8).reshape(5, 6, 7),
    "turned": np.arange(12.0).reshape(3, 4).T,
    "none": np.empty((0, 3), dtype=np.int32),
    "scalar": np.array(3.5),
}


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    state = {"time": 0.1 + 0.2, "step": 12, "memory": {"last": np.float64(1 / 3), "list": [1.5, None, "a"]}}
    write_checkpoint(path, ARRAYS, state)
    arrays, found = read_checkpoint(path)
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype and arrays[name].shape == array.shape
        assert arrays[name].tobytes() == np.ascontiguousarray(array).tobytes()
        assert arrays[name].flags.writeable
    assert found == {"time": 0.30000000000000004, "step": 12, "memory": {"last": 1 / 3, "list": [1.5, None, "a"]}}
    assert [p.name for p in tmp_path.iterdir()] == ["run.checkpoint"]


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.0, 1.0, exclude_max=True))
def test_any_cut_is_found(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    path = tmp_path_factory.mktemp("cut") / "c"
    write_checkpoint(path, ARRAYS, {"step": 1})
    raw = path.read_bytes()
    path.write_bytes(raw[: int(share * len(raw))])
    with pytest.raises(ResultsError):
        read_checkpoint(path)


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.0, 1.0, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(tmp_path_factory: pytest.TempPathFactory, share: float, bit: int) -> None:
    path = tmp_path_factory.mktemp("flip") / "c"
    write_checkpoint(path, ARRAYS, {"step": 1})
    raw = bytearray(path.read_bytes())
    raw[int(share * len(raw))] ^= 1 << bit
    path.write_bytes(raw)
    with pytest.raises(ResultsError):
        read_checkpoint(path)


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="there is no checkpoint"):
        read_checkpoint(tmp_path / "none")
    (tmp_path / "text").write_text("something else entirely, but long enough to hold a head")
    with pytest.raises(ResultsError, match="is no checkpoint of castsolve"):
        read_checkpoint(tmp_path / "text")
    with pytest.raises(ResultsError, match="its folder does not exist"):
        write_checkpoint(tmp_path / "no" / "folder", {}, {})
    with pytest.raises(ResultsError, match="cannot be written as JSON"):
        write_checkpoint(tmp_path / "c", {}, {"a": object()})
    with pytest.raises(ResultsError, match="only numbers can be kept"):
        write_checkpoint(tmp_path / "c", {"a": np.array([None])}, {})
    assert not (tmp_path / "c").exists()


def test_full_disk_is_one_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("the system has no /dev/full")
    code = (
        "import os, numpy as np\n"
        "from castsolve.results import write_checkpoint\n"
        "import castsolve.results.checkpoint as c\n"
        "from castsolve.errors import ResultsError\n"
        "c.open = lambda path, *a, **k: open('/dev/full', *a, **k)\n"
        "try: write_checkpoint('run.checkpoint', {'a': np.zeros(10)}, {})\n"
        "except ResultsError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the disk is full; free some space" in done.stdout


_WRITER = """
import sys
import numpy as np
from castsolve.results import write_checkpoint
print("ready", flush=True)
step = 0
while True:
    step += 1
    write_checkpoint(sys.argv[1], {"a": np.full(2_000_000, step, np.float32), "b": np.full(99, step)}, {"step": step})
"""


def test_killed_writer_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    write_checkpoint(path, {"a": np.zeros(5), "b": np.zeros(5)}, {"step": 0})
    moments = random.Random(3)
    advanced = 0
    for _ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
        time.sleep(0.15 * moments.random())
        writer.kill()
        writer.wait()
        writer.stdout.close()
        arrays, state = read_checkpoint(path)
        assert np.all(arrays["a"] == state["step"]) and np.all(arrays["b"] == state["step"])
        advanced += state["step"] > 0
    assert advanced, "no writer ever finished a checkpoint before it was killed"
