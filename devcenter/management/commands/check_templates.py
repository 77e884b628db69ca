"""`manage.py check_templates`: compile every template, so that a typing mistake fails the build."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.base import Node, NodeList, Template
from django.template.loader_tags import ExtendsNode, IncludeNode


class Command(BaseCommand):
    help = "Compile all templates of the project and look for the templates that they name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="template names; all of them when none is given")

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["names"] or sorted(project_templates())
        faults = [f"{name}: {fault}" for name in names for fault in faults_of(name)]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in {len(names)} templates.")
        self.stdout.write(f"{len(names)} templates compile.")


def project_templates() -> Iterator[str]:
    """Names of the files below the project's template folders."""
    for folder in map(Path, settings.TEMPLATES[0]["DIRS"]):  # type: ignore[call-overload]
        yield from (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def faults_of(name: str) -> Iterator[str]:
    """Why the template does not compile, or which template that it names is missing."""
    try:
        template: Template = engines["django"].get_template(name).template  # type: ignore[attr-defined]
    except (TemplateSyntaxError, TemplateDoesNotExist, UnicodeDecodeError) as error:
        yield f"{type(error).__name__}: {error}"
        return
    for wanted in named_templates(template.nodelist):
        try:
            engines["django"].get_template(wanted)
        except TemplateDoesNotExist:
            yield f"names {wanted!r}, which does not exist"
        except TemplateSyntaxError:
            pass  # reported under its own name


def named_templates(nodes: NodeList) -> Iterator[str]:
    """What the template extends and includes by a fixed name."""
    found: list[Node] = [*nodes.get_nodes_by_type(ExtendsNode), *nodes.get_nodes_by_type(IncludeNode)]
    for node in found:
        expression = getattr(node, "parent_name", None) or getattr(node, "template", None)
        name = getattr(expression, "var", None)
        if isinstance(name, str):
            yield name
