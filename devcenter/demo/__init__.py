"""The demo: a partner with three Apps at three stages, made by the same verbs that people use.

Nothing is faked: the Test Suite runs against the Apps' echo endpoints, the reviewer judges each step, the
customer verifies. Only with DEBUG on.
"""

from devcenter.demo.people import demo_logins
from devcenter.demo.seeding import describe, is_untouched, seed

__all__ = ["demo_logins", "describe", "is_untouched", "seed"]
