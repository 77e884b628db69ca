"""A destination in TypeScript made from a plan: where a partner starts in Segment's actions repository (S15, S16)."""

from planning.scaffold.archive import archive, files

__all__ = ["archive", "files"]
