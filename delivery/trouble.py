"""Why a run cannot take place at all."""


class CannotRun(Exception):
    """This machine lacks what the component needs; the text is for people and says what to do."""
