"""Make the pictures of the README from a finished demo: ``python docs/make_pictures.py castsolve-demo``."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

NAMES = ("section-fill_time", "casting-solidification_time", "section-solidification_time", "section-niyama", "cooling-curves")
TARGET = Path(__file__).parent / "pictures"
WIDTH = 900


def shrink(source: Path, target: Path) -> None:
    """Write a picture narrower and with a palette: a tenth of a megabyte each."""
    picture = Image.open(source).convert("RGB")
    picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    picture.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name in NAMES:
        shrink(Path(sys.argv[1]) / "pictures" / f"{name}.png", TARGET / f"{name}.png")
