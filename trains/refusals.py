"""Why a verb of the release train was not carried out, in words for the person who asked."""


class Refused(Exception):
    """The verb is allowed to this person, but not now; `str(error)` says why and what to do."""
