"""`devcenter-test`: the Test Suite on a partner's own machine (S16).

Sends what the console sends and judges as the console judges, with the same modules (`runtime`): no server of ours, no
account, no Django. Nothing leaves the machine but the requests to the address that was given.
"""

VERSION = "1.0.0"
