"""Keys that can be written in a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spindle.interfaces import needed_imports
from spindle.manifest import Map, Record, keys_of
from spindle.wasm import look_at
from spindle_lsp.describing import is_table, key_card, sample, type_name
from spindle_lsp.features.offers import Kind, Offer, Place, sampled
from spindle_lsp.meaning import LABELS, Sort, owner_of
from spindle_lsp.mentions import used_names
from spindle_lsp.scanner import Path, Role


def offered_keys(place: Place) -> Iterator[Offer]:
    """The keys of the table at a place that it doesn't have yet."""
    there = _there(place, place.path)
    assigned = place.cursor.rest.lstrip().startswith("=")
    types = place.types(place.path)
    records = [one for one in types if isinstance(one, Record)]
    fitting = [r for r in records if all(r.key(name) or r.rest for name in there)] or records
    for number, key in enumerate(keys_of(fitting)):
        if key.name in there or (not place.path and is_table(key)):
            continue
        owner = next(r for r in fitting if r.key(key.name) is key)
        rank = 9 if key.deprecated else 1 if key.required else min(8, 2 + number // 4)
        value = "" if assigned else f" = {sampled('{}' if is_table(key) else sample(key, owner))}"
        yield Offer(
            key.name,
            key.name + value,
            Kind.Property,
            type_name(key.type),
            key_card(key, owner),
            rank,
            deprecated=key.deprecated is not None,
        )
    if any(isinstance(one, Map) for one in types):
        yield from _of_map(place, there, assigned)


def _there(place: Place, table: Path) -> set[str]:
    """The keys a table has, but for the one at the place."""
    depth = len(table)
    found = {s.path[depth] for s in place.sheet.sections if _is_below(s.path, table)}
    for token in place.cursor.section.tokens:
        if token.role is Role.KEY and token != place.cursor.token and _is_below(token.path, table):
            found.add(token.path[depth])
    return {name for name in found if isinstance(name, str)}


def _is_below(path: Path, table: Path) -> bool:
    return len(path) > len(table) and path[: len(table)] == table


def _of_map(place: Place, there: set[str], assigned: bool) -> Iterator[Offer]:
    """Names that are likely in a table whose keys the person chooses."""
    for name, detail, value in _names(place):
        if name not in there:
            key = name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'
            yield Offer(
                name, key + ("" if assigned else f" = {value}"), Kind.Variable, detail, rank=1
            )


def _names(place: Place) -> Iterable[tuple[str, str, str]]:
    """Names with what they are and a snippet of a value."""
    match place.path:
        case ("component", str(), "variables"):
            variables = place.names(Sort.VARIABLE)
            return [(name, "variable", f'"{{{{ {name} \\}}\\}}"') for name in variables]
        case ("component", str(), "dependencies"):
            return [(name, "import", "$1") for name in unsatisfied(place)]
        case ("trigger", str(), int(), "dependencies"):
            return [("middleware", "role", "[$1]")]
        case ("application", "trigger"):
            return [(kind, "trigger", '{ address = "$1" \\}') for kind in ("redis", "mqtt")]
        case ("variables_provider" | "config_provider", int(), "values"):
            return [(name, "variable", '"$1"') for name in place.names(Sort.VARIABLE)]
        case (("key_value_store" | "sqlite_database") as table,):
            labels = wanted_labels(place, LABELS[str(table)])
            return [(name, "label", '{ type = "${1:spin}" \\}') for name in labels]
    return ()


def unsatisfied(place: Place) -> list[str]:
    """The imports of the component at a place that the host doesn't have."""
    manifest, id_ = place.snapshot.manifest, owner_of(place.path)
    component = None if manifest is None or id_ is None else manifest.components.get(id_)
    if component is None or not isinstance(component.source, str):
        return []
    file = look_at(place.snapshot.root / component.source)
    names = () if file is None else needed_imports(file.outline.imports)
    return [one.name for one in names if one.interface is None]


def wanted_labels(place: Place, sort: Sort) -> list[str]:
    """The labels that manifests use."""
    files = [s for s in (place.snapshot, *place.neighbours) if s.kind == "manifest"]
    typed = place.cursor.token
    names = dict.fromkeys(name for f in files for name in used_names(f.kind, f.text, sort))
    return [name for name in names if name and (typed is None or name != typed.text)]
