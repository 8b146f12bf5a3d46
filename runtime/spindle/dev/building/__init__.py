"""Building components: what is to be done, doing it, and what became of it.

    builder = Builder(plan_of(manifest, root), Records(root))
    results = await builder.build(["hello"], listener)

`plan` is pure; `running` runs commands; `records` knows what need not be done again; `artefacts`
keeps what worked; `compilers` reads what compilers say.
"""

from spindle.dev.building.builder import Builder, Listener, Result
from spindle.dev.building.plan import Plan, Step, plan_of
from spindle.dev.building.records import Records

__all__ = ["Builder", "Listener", "Plan", "Records", "Result", "Step", "plan_of"]
