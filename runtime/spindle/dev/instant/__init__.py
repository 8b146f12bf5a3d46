"""Instant Python: what is saved runs at once, from its sources, in a development build.

A *base* is a component like the one that the person's build command makes, with a loader where the
application would be. It is built once for a world and a set of tools, and then given the sources
that are to run, again with every save.

`recipes` reads build commands, `modules` reads sources, `bases` builds bases and keeps them;
`standings` puts them in the place of what was built, `beginning` from the start; the `Instant` of a
session has them all do what they should. `loader` is what runs in the guest.
"""

from spindle.dev.instant.beginning import begun
from spindle.dev.instant.instant import Instant
from spindle.dev.instant.recipes import Recipe, Unsuited, recipe_of
from spindle.dev.instant.standings import Standing, stood_in

__all__ = ["Instant", "Recipe", "Standing", "Unsuited", "begun", "recipe_of", "stood_in"]
