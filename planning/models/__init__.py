"""The plan of a destination by pull request, what the team says about it, and the set-up guide's ticks."""

from planning.models.guides import GuideTick, SlackSeat
from planning.models.plans import FieldMapping, Plan, PlanComment, PlannedAction

__all__ = ["FieldMapping", "GuideTick", "Plan", "PlanComment", "PlannedAction", "SlackSeat"]
