"""An App in the catalog, as reviews leave it."""

from reviews.tests.conftest import asked, in_beta, judged, listed, ready, submission

__all__ = ["asked", "in_beta", "judged", "listed", "ready", "submission"]
