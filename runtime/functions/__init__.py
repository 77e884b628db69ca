"""The sandbox that runs partners' JavaScript (D15 to D20, T14). See docs/functions-runtime.md.

values        what a run may cost, did and means     confinement  what keeps a process in, on this machine
pool          warm processes; `Pool`                 process      one of them, and a run through it
pipe          its lines, with deadlines              door         its `fetch`
batches       onBatch's answer for each event        sandbox/     what runs inside
"""

from runtime.functions.confinement import Confinement, NotConfined, describe, detect
from runtime.functions.pool import HANDLERS, Pool
from runtime.functions.values import Call, Limits, Log, Outcome, Outline, Run, Shape, Stopped


def outline(code: str, pool: Pool) -> Outline:
    """What the code offers, found by running it once in `pool`'s sandbox."""
    return pool.outline(code)


__all__ = [
    "Call", "Confinement", "HANDLERS", "Limits", "Log", "NotConfined", "Outcome", "Outline", "Pool", "Run", "Shape",
    "Stopped", "describe", "detect", "outline",
]  # fmt: skip
