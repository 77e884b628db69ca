"""What the set-up guide says (S16): one step for each item that the partner ticks, with what to type."""

from dataclasses import dataclass

from planning.states import GuideItem, Mode

REPOSITORY = "https://github.com/segmentio/action-destinations"


@dataclass(frozen=True, slots=True)
class Step:
    """`commands` is what to type, line by line; "" where there is nothing to copy."""

    item: GuideItem
    title: str
    text: str
    commands: str = ""


def steps_for(slug: str, mode: str) -> dict[GuideItem, Step]:
    """The steps by item, worded for the destination's mode; cloud mode where none is chosen yet."""
    steps = [*_SET_UP, *(_in_browser(slug) if mode == Mode.DEVICE else _in_cloud(slug))]
    return {step.item: step for step in steps}


_SET_UP = (
    Step(
        GuideItem.NODE, "Install Node.js with nvm",
        "The repository names the version of Node.js that it needs. nvm installs that one beside any that you have.",
        "nvm install\nnvm use",
    ),
    Step(
        GuideItem.YARN, "Install yarn", "The repository’s packages are installed with yarn, version 1.",
        "npm install --global yarn",
    ),
    Step(
        GuideItem.FORKED, "Fork and clone the repository",
        "Fork Segment’s actions repository on GitHub, and clone your fork. Switch GitHub Actions on in the fork: the "
        "checks of your pull request run there. nvm’s commands of the first step belong into this folder.",
        "git clone https://github.com/YOUR-ACCOUNT/action-destinations.git\ncd action-destinations",
    ),
    Step(
        GuideItem.INSTALLED, "Install the packages and run the tests",
        "If the tests pass before you change anything, what fails later is yours.",
        "yarn install\nyarn test",
    ),
)  # fmt: skip


def _in_cloud(slug: str) -> tuple[Step, ...]:
    return (
        _generated(),
        Step(
            GuideItem.SERVED, "Start the local server",
            f"It runs your destination on port 3000: choose {slug} when it asks. It prints the address of each action. "
            "With another port: PORT=3001 ./bin/run serve.",
            "./bin/run serve",
        ),
        Step(
            GuideItem.UNIT_TESTS, "Write unit tests",
            "The scaffold has one for each action; add what you add. Pull requests without tests are not merged.",
            f"yarn cloud test --testPathPattern={slug}",
        ),
        Step(
            GuideItem.TESTED, "Send test events with devcenter-test",
            "While the local server runs, send it the Test Suite’s events from another terminal. It gives the verdicts "
            "of the console. Tick this when nothing is red.",
            f"devcenter-test actions http://localhost:3000 --plan {slug}-plan.json --setting apiKey=YOUR-KEY",
        ),
    )  # fmt: skip


def _in_browser(slug: str) -> tuple[Step, ...]:
    serve = f"./bin/run serve --directory ./packages/browser-destinations/destinations -n {slug}"
    return (
        _generated(),
        Step(
            GuideItem.SERVED, "Serve the destination to a test page",
            "The local server builds the destination for browsers. Load it in a page with analytics.js that you open "
            "from your machine.",
            serve,
        ),
        Step(
            GuideItem.UNIT_TESTS, "Write unit tests",
            "The scaffold has one for each action; add what you add. Pull requests without tests are not merged.",
            f"yarn browser test --testPathPattern={slug}",
        ),
        Step(
            GuideItem.TESTED, "Try it in a browser",
            "On the test page, make each call that starts one of your actions, and look at what your library does. "
            "devcenter-test is for cloud mode; what runs in a browser is tried in one. Tick this when all arrives.",
        ),
    )  # fmt: skip


def _generated() -> Step:
    return Step(
        GuideItem.GENERATED, "Start from the scaffold",
        "Download the scaffold of your plan and unpack it in the top folder of the clone. It has the settings, the "
        "actions, their fields and triggers, and tests. Then let the repository write the types.",
        "unzip SCAFFOLD.zip\n./bin/run generate:types",
    )  # fmt: skip
