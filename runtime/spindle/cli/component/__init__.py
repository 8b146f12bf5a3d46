"""`spindle component`: working on components themselves."""

from __future__ import annotations

from spindle.cli.verb_group import VerbGroup
from spindle.cli.verbs import Verb

VERBS = {
    "compose": Verb("spindle.cli.component.compose", "Make one component of several"),
    "inspect": Verb("spindle.cli.component.inspect", "Say what a component is made of and needs"),
    "wast": Verb("spindle.cli.component.wast", "Run test scripts of components"),
    "wit": Verb("spindle.cli.component.wit", "Print a component's interfaces as WIT"),
}

command = VerbGroup("component", VERBS, help="Work on components themselves.")
