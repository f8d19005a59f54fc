"""The `castsolve` command: run, resume, view, demo, materials, doctor."""

from __future__ import annotations

from .commands import app, main

__all__ = ["app", "main"]
