"""Fixtures for all tests, wherever they lie: servers (tests/fixtures.py) and people (tests/cast.py).

The servers and the settings of a run are made earlier, by tests/plugin.py.
"""

pytest_plugins = ["tests.fixtures", "tests.cast"]
