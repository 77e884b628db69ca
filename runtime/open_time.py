"""Open time as a running total, for pages that show many waits: a share costs a few look-ups, not a walk over days."""

from datetime import UTC, date, datetime, timedelta

from runtime.business_time import BusinessCalendar

_ONE_DAY = timedelta(days=1)


class OpenTime:
    """The open time of `calendar` from `first` on, for `days` days; a moment outside counts as the nearest edge."""

    def __init__(self, calendar: BusinessCalendar, first: date, days: int) -> None:
        self._zone, self._first = calendar.zone, first.toordinal()
        # Of each day, in seconds: what was open before it, when it opens, and how long it is open.
        self._days: list[tuple[float, float, float]] = []
        total = 0.0
        for number in range(days):
            day = first + number * _ONE_DAY
            opens, closes = (moment.astimezone(UTC).timestamp() for moment in calendar.hours(day))
            length = closes - opens if calendar.is_business_day(day) else 0.0
            self._days.append((total, opens, length))
            total += length
        self._total = total

    def until(self, at: datetime) -> float:
        """Open seconds from the first day to `at` (aware)."""
        number = at.astimezone(self._zone).toordinal() - self._first
        if number < 0:
            return 0.0
        if number >= len(self._days):
            return self._total
        before, opens, length = self._days[number]
        return before + min(max(at.timestamp() - opens, 0.0), length)

    def used_share(self, start: datetime, due: datetime, now: datetime) -> float:
        """As `BusinessCalendar.used_share`, between moments within the days of this total."""
        if now >= due:
            return 1.0
        begun = self.until(start)
        total = self.until(due) - begun
        if total <= 0 or now <= start:
            return 0.0
        return min((self.until(now) - begun) / total, 1.0)
