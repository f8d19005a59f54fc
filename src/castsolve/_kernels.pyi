# The compiled kernels take and fill arrays; their contracts are in the .pxi chapters and checked at run time by tests.
from typing import Any

def __getattr__(name: str) -> Any: ...
