"""Environments and worlds as far as they can be had from this machine alone."""

from __future__ import annotations

from pathlib import Path

from spindle.manifest import Component, Manifest
from spindle.manifest.model import Target
from spindle.outbound_hosts import OutboundHostError, parse_outbound_host
from spindle.targets.catalogue import find_in_catalogue
from spindle.targets.definition import Definition, TargetError, WorldRef, parse_definition
from spindle.targets.files import read_file
from spindle.targets.spin_up import worlds_of
from spindle.targets.wit_folder import world_in_folder
from spindle.targets.worlds import World, world_in

LARGEST = 64 << 20
"""Bytes a WIT package may have."""
LARGEST_DEFINITION = 1 << 20


def ref_text(target: str | Target) -> str:
    """What the manifest calls an environment."""
    if isinstance(target, str):
        return target
    return target.url or target.path or ""


def local_definition(target: str | Target, root: Path) -> Definition | None:
    """The definition of an environment; None if it is behind a URL or isn't known.

    `root` is the application directory. Raises `TargetError`.
    """
    if isinstance(target, str):
        return find_in_catalogue(target)
    if target.path is None:
        return None
    path = root / target.path
    try:
        text = read_file(path, LARGEST_DEFINITION).decode()
    except (OSError, ValueError) as error:
        raise TargetError(
            f"the target environment `{target.path}` can't be read: {_reason(error)}",
            hints=("check `targets` in the manifest: the path is relative to the manifest",),
        ) from None
    return parse_definition(path.stem, text, path.parent)


def local_world(ref: WorldRef, base: Path | None) -> tuple[World, ...]:
    """What a world can be; nothing if it is in a registry and isn't known here.

    Raises `TargetError`.
    """
    if ref.path is None:
        return worlds_of(ref) if ref.registry is None and ref.reference is None else ()
    path = Path(ref.path) if base is None else base / ref.path
    where = f"`{path}`"
    try:
        if path.is_dir():
            return (world_in_folder(ref, path),)
        return (world_in(ref, read_file(path, LARGEST), where),)
    except (OSError, ValueError) as error:
        raise TargetError(
            f"the WIT of world `{ref.world}` can't be read from {where}: {_reason(error)}"
        ) from None


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (getattr(error, "strerror", None) or str(error)).lower()


def targets_of(manifest: Manifest, component: Component) -> tuple[str | Target, ...]:
    """The environments a component must be able to run in: its own, else the application's."""
    own = component.targets
    return manifest.application.targets if own is None else own


def is_chained(component: Component) -> bool:
    """Whether a component may call others of its application."""
    for text in component.allowed_outbound_hosts:
        try:
            if parse_outbound_host(text).chained_component is not None:
                return True
        except OutboundHostError:
            continue
    return False
