"""Templates of applications and components: Spindle's own, and those of Spin's repositories.

    templates, broken = gather(places)
    plan = plan_application(template, filling)
    with placed(plan, directory): ...

A template is a folder as Spin lays it out: `content`, `metadata/spin-template.toml`, snippets and
partials, rendered with Liquid. Nothing is executed and nothing downloaded.
"""

from spindle.templates.adding import (
    Addition,
    check_addable,
    errors_of,
    routes_of,
    with_snippets,
)
from spindle.templates.filling import Filling
from spindle.templates.installing import clone, install, origins, uninstall
from spindle.templates.placing import clashes, placed
from spindle.templates.planning import Plan, plan_application, plan_component
from spindle.templates.shelves import Shelf, Shelves, gather
from spindle.templates.template import Parameter, Template, Variant
from spindle.templates.template_manifest import InvalidTemplate

__all__ = [
    "Addition",
    "Filling",
    "InvalidTemplate",
    "Parameter",
    "Plan",
    "Shelf",
    "Shelves",
    "Template",
    "Variant",
    "check_addable",
    "clashes",
    "clone",
    "errors_of",
    "gather",
    "install",
    "origins",
    "placed",
    "plan_application",
    "plan_component",
    "routes_of",
    "uninstall",
    "with_snippets",
]
