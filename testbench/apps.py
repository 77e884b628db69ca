from django.apps import AppConfig


class TestbenchConfig(AppConfig):
    name = "testbench"
    verbose_name = "Test Suite"
