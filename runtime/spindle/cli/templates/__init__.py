"""`spindle templates`: what templates there are, and installing others."""

from __future__ import annotations

from spindle.cli.verb_group import VerbGroup
from spindle.cli.verbs import Verb

VERBS = {
    "install": Verb("spindle.cli.templates.installing", "Install the templates of a repository"),
    "list": Verb("spindle.cli.templates.listing", "List the templates"),
    "uninstall": Verb("spindle.cli.templates.uninstalling", "Remove an installed template"),
    "upgrade": Verb("spindle.cli.templates.upgrading", "Install anew what was installed"),
}

command = VerbGroup("templates", VERBS, help="List templates, and install others.")
