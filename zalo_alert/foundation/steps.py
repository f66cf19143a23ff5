"""How long work says how far it is."""

from collections.abc import Callable
from typing import TypeAlias

StepReporter: TypeAlias = Callable[[str, int, int | None], object]  # the step, how much is done, of how much (None: unknown)
