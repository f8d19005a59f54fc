"""A picture that can be looked at or saved; it is drawn anew each time, so it holds no window."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ViewError
from ..results.files import make_folder, replacing
from .renderer import has_screen, require_renderer

__all__ = ["Picture"]

_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What `view.section` and its kin return.

    Attributes
    ----------
    title : str
        The heading.
    draw : callable
        Takes a pyvista Plotter and draws into it.
    size : tuple of int
        Pixels.
    """

    title: str
    draw: Callable[[Any], None] = field(kw_only=True, repr=False)
    size: tuple[int, int] = field(default=(1200, 900), kw_only=True)

    def plotter(self, *, off_screen: bool = True) -> Any:
        """Return a pyvista Plotter with the picture drawn, for those who want to add to it; close it afterwards."""
        require_renderer()
        import pyvista

        plotter = pyvista.Plotter(off_screen=off_screen, window_size=list(self.size))
        plotter.background_color = pyvista.Color("white")
        try:
            self.draw(plotter)
        except BaseException:
            plotter.close()
            raise
        return plotter

    def image(self) -> NDArray[np.uint8]:
        """Return the pixels, shape (height, width, 3)."""
        plotter = self.plotter()
        try:
            pixels = np.array(plotter.screenshot(None, return_img=True))
        finally:
            plotter.close()
        return pixels[..., :3].astype(np.uint8)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as PNG, JPEG or TIFF, as the name's ending says; it is complete or not there.

        Raises
        ------
        ViewError
            If the ending is another one, or nothing renders here.
        ResultsError
            If the file cannot be written.
        """
        target = Path(path)
        kind = _FORMATS.get(target.suffix.lower())
        if kind is None:
            raise ViewError(f'a picture cannot be saved as "{target.name}"; end the name with ' + ", ".join(_FORMATS))
        from PIL import Image

        picture = Image.fromarray(self.image())
        make_folder(target.parent, "a picture")
        with replacing(target, f"the picture {target}") as partial:
            picture.save(partial, format=kind)
        return target

    def show(self) -> None:
        """Open a window with the picture.

        Raises
        ------
        ViewError
            If there is no screen.
        """
        if not has_screen():
            raise ViewError('there is no screen to show a picture on; use .save("picture.png")')
        plotter = self.plotter(off_screen=False)
        plotter.show(title=self.title)

    def _repr_png_(self) -> bytes:
        """Return the picture for a notebook."""
        import io

        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(self.image()).save(stream, format="PNG")
        return stream.getvalue()
