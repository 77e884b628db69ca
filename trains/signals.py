"""Tells whoever lives above this package what became of a passenger.

Sent inside the transaction of the verb, so that what it causes is kept or lost together with it. The App is locked.
"""

from django.dispatch import Signal

# sender: Passenger (the class); passenger, actor. Its version is live.
departed = Signal()
# sender: Passenger; passenger, actor, reason. The version before is live again; where there was none, the App is in
# review again and `passenger.replaced_version_id` is None.
rolled_back = Signal()
