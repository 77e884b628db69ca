"""Tests that belong to no single package, and the workshop that all tests use.

Function tests lie beside the code they test (`<app>/tests/`). Here are the browser journeys, the
architecture rules, and `tests.services`: the real servers that a test run starts for itself.
"""
