"""What is wrong with how the command was called."""


class UsageError(Exception):
    """Nothing was sent: exit code 2. The text says what to change."""
