"""What using a template comes to, before anything is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from spindle.templates.filling import Filling
from spindle.templates.rendering import Renderer
from spindle.templates.template import DirectoryOutput, Template, Variant
from spindle.templates.template_manifest import InvalidTemplate

LARGEST_FILE = 64 << 20
"""Bytes of a file of a template's content."""

Content = Mapping[PurePosixPath, bytes]


class Plan(NamedTuple):
    """Files and directories, by paths below the application."""

    files: Content
    directories: tuple[PurePosixPath, ...] = ()
    snippets: Mapping[str, str] = {}
    """What goes into an application's manifest, by where."""


def plan_application(template: Template, filling: Filling, *, ignores: bool = True) -> Plan:
    """A new application; without `ignores`, files for version control are left out."""
    assert template.application is not None, "it makes applications"
    plan = _plan(template, template.application, filling)
    if template.shared is not None:
        renderer = Renderer(filling.for_liquid(), {})
        shared = _content(template.shared / "content", renderer)
        plan = plan._replace(files={**shared, **plan.files})
    if not ignores:
        kept = {path: data for path, data in plan.files.items() if path.name != ".gitignore"}
        plan = plan._replace(files=kept)
    if not plan.files and not plan.directories:
        raise InvalidTemplate(f"the template `{template.id}` makes nothing")
    return plan


def plan_component(
    template: Template, filling: Filling, manifest: Mapping[str, object], *, ignores: bool = True
) -> Plan:
    """A component for an application with that manifest, as plain TOML."""
    assert template.component is not None, "it makes components"
    plan = _plan(template, template.component.resolved(manifest), filling)
    files = {
        filling.output / path: data
        for path, data in plan.files.items()
        if ignores or path.name != ".gitignore"
    }
    return plan._replace(files=files)


def _plan(template: Template, variant: Variant, filling: Filling) -> Plan:
    metadata = template.directory / "metadata"
    places = [] if template.shared is None else [template.shared / "partials"]
    partials = {
        path.name: _read(path).decode("utf-8", "replace")
        for place in (*places, metadata / "partials")
        for path in _files(place)
    }
    renderer = Renderer(filling.for_liquid(), partials)
    files = _content(template.directory / "content", renderer, variant.skip_files)
    directories = tuple(_directory(output, renderer, filling) for output in template.outputs)
    snippets = {
        place: renderer.text(_snippet(metadata / "snippets", name), name)
        for place, name in variant.snippets.items()
    }
    return Plan(files, directories, snippets)


def _content(
    root: Path, renderer: Renderer, skipped: frozenset[str] = frozenset()
) -> dict[PurePosixPath, bytes]:
    """Rendered files; `.tmpl` at a name's end, which hides them from tools, is dropped."""
    found = {}
    for path in _files(root):
        place = PurePosixPath(path.relative_to(root).as_posix())
        if str(place) not in skipped:
            name = place.with_suffix("") if place.suffix == ".tmpl" else place
            found[name] = renderer.content(_read(path), str(place))
    return found


def _snippet(directory: Path, name: str) -> str:
    path = directory / name
    if not path.resolve().is_relative_to(directory.resolve()):
        raise InvalidTemplate(f"the snippet `{name}` is outside the template")
    return _read(path).decode("utf-8", "replace")


def _directory(output: DirectoryOutput, renderer: Renderer, filling: Filling) -> PurePosixPath:
    rendered = renderer.text(output.path, output.path)
    path = PurePosixPath(rendered)
    if path.is_absolute() or ".." in path.parts or "\\" in rendered or ":" in rendered:
        raise InvalidTemplate(
            f"a directory `{rendered}` would be outside the application",
            hints=("give a path below it",),
        )
    return filling.output / path if output.at == "component" else path


def _files(root: Path) -> Iterator[Path]:
    """The plain files below a directory, in order; what is led to by links is left out."""
    for parent, directories, names in os.walk(root):
        directories.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidTemplate("a file of the template is too large", path=path)
        return path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InvalidTemplate(f"the template can't be read: {why}", path=path) from None
