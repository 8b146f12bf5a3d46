"""Help for commands with many options: under headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click


class SectionedCommand(click.Command):
    """A command whose options are shown in sections; `params` holds those that have none."""

    def __init__(
        self,
        name: str,
        *,
        sections: Mapping[str, Sequence[click.Parameter]],
        params: Sequence[click.Parameter] = (),
        **settings: Any,
    ) -> None:
        every = [*(param for section in sections.values() for param in section), *params]
        super().__init__(name, params=every, **settings)
        self._sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, params in self._sections.items():
            _write_section(heading, params, ctx, formatter)
        help_option = self.get_help_option(ctx)
        if help_option is not None:
            _write_section("Options", [help_option], ctx, formatter)


def _write_section(
    heading: str,
    params: Sequence[click.Parameter],
    ctx: click.Context,
    formatter: click.HelpFormatter,
) -> None:
    records = [p.get_help_record(ctx) for p in params if isinstance(p, click.Option)]
    with formatter.section(heading):
        formatter.write_dl([record for record in records if record is not None])
