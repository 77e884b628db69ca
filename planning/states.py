"""What a plan is made of: how a destination runs, how customers log in, what its actions take (S14, S15)."""

from django.db import models


class Mode(models.TextChoices):
    """Where a destination by pull request runs; kept in the component. Mobile device mode does not exist (S14)."""

    CLOUD = "cloud", "Cloud mode: Segment calls your API"
    DEVICE = "device", "Device mode, web: your library runs in the visitor’s browser"


class AuthMethod(models.TextChoices):
    """How a customer’s destination logs in to the partner’s API (S15)."""

    CUSTOM = "custom", "Custom: settings such as an API key, in a header or body of your choice"
    BROWSER = "browser", "Browser: your library knows the visitor’s account by a public id"
    BASIC = "basic", "Basic: a user name and a password"
    OAUTH2 = "oauth2", "OAuth 2: the customer signs in at your service"
    MINIMAL = "minimal", "Minimal: nothing is needed"


class Section(models.TextChoices):
    """Parts of a plan, which comments are about."""

    PLAN = "plan", "The plan as a whole"
    MODE = "mode", "Connection mode"
    AUTH = "auth", "Authentication"
    SETTINGS = "settings", "Settings"
    ACTION = "action", "An action"


class FieldType(models.TextChoices):
    """Types of a field that an action takes."""

    STRING = "string", "Text"
    TEXT = "text", "Long text"
    NUMBER = "number", "Number"
    INTEGER = "integer", "Whole number"
    BOOLEAN = "boolean", "Yes or no"
    DATETIME = "datetime", "Date and time"
    OBJECT = "object", "Object"
    PASSWORD = "password", "Secret"


class GuideItem(models.TextChoices):
    """What the partner ticks while setting up and testing on their own machine (S16)."""

    NODE = "node", "Node and nvm installed"
    YARN = "yarn", "yarn installed"
    FORKED = "forked", "Repository forked and cloned"
    INSTALLED = "installed", "Packages installed, the tests of the repository pass"
    GENERATED = "generated", "Destination made from the scaffold"
    SERVED = "served", "Local server runs and answers"
    UNIT_TESTS = "unit_tests", "Unit tests written for what is new"
    TESTED = "tested", "Test events sent with devcenter-test: none red"
