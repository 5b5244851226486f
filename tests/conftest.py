"""Fixtures of every test: the lab, on request."""

pytest_plugins = ["tests.lab.fixture"]
