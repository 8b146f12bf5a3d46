"""From an address in a core module's code to the places in its sources, by its DWARF sections.

An address is an offset in the contents of the code section. A guest brings these sections along and
may have put anything into them: nothing is trusted, and what takes too long is left out.

Spec: DWARF 4 and 5; "DWARF for WebAssembly".
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.wasm.demangling import demangled
from spindle.wasm.line_rows import Header, Row, find_rows

if TYPE_CHECKING:
    from elftools.dwarf.compileunit import CompileUnit
    from elftools.dwarf.die import DIE
    from elftools.dwarf.dwarfinfo import DWARFInfo

LARGEST_ABBREVIATIONS = 1 << 20
"""Bytes of `.debug_abbrev`; one of its entries is read in one go."""
MOST_ENTRIES = 100_000
"""Entries of one unit that are read in search of functions."""
MOST_HOPS = 8
"""References from entry to entry that are followed for a name."""
LONGEST_NAME = 2000

Range = tuple[int, int]


class Place(NamedTuple):
    """A place in a source; lines and columns begin at 1, None where unknown."""

    function: str | None = None
    file: str | None = None
    """Absolute where the compiler was told where it runs."""
    line: int | None = None
    column: int | None = None


class OutOfTime(Exception):
    """Reading takes too long."""


class Clock:
    """Raises `OutOfTime` when it is asked after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def check(self) -> None:
        """Raise if time is up."""
        if time.monotonic() > self._until:
            raise OutOfTime


def find_places(
    sections: Mapping[str, bytes],
    addresses: Iterable[int],
    *,
    seconds: float,
    with_inlined: Callable[[str], bool] = lambda _path: True,
) -> dict[int, list[Place]]:
    """For each address what is known of it: the innermost of the functions inlined there first.

    `sections` are by name, `.debug_info` and so on. `with_inlined` says for which units, by the
    path of their source, inlined functions are looked up: it takes the longest.
    """
    found: dict[int, list[Place]] = {}
    # The reader is made for well-formed files and raises whatever comes to it on others.
    with suppress(Exception):
        _Search(sections, Clock(seconds), with_inlined, found).run(set(addresses))
    return found


class _Search:
    """One reading of a module's sections."""

    def __init__(
        self,
        sections: Mapping[str, bytes],
        clock: Clock,
        with_inlined: Callable[[str], bool],
        found: dict[int, list[Place]],
    ) -> None:
        self._dwarf = _open(sections)
        self._clock = clock
        self._with_inlined = with_inlined
        self._found = found

    def run(self, addresses: set[int]) -> None:
        """Add what is found to `found`, unit by unit."""
        missing = set(addresses)
        for unit in self._dwarf.iter_CUs():
            self._clock.check()
            with suppress(*_BROKEN):
                top = unit.get_top_DIE()
                here = sorted(_within(_ranges(self._dwarf, unit, top), missing))
                missing.difference_update(here)
                if here:
                    self._read(unit, top, here)
            if not missing:
                return

    def _read(self, unit: CompileUnit, top: DIE, addresses: list[int]) -> None:
        files, rows = self._lines(unit, top, addresses)
        for address, row in rows.items():
            self._found[address] = [_place(None, files, row)]
        if not self._with_inlined(_path_of(top)):
            return
        for address, chain in self._functions(unit, addresses).items():
            self._found[address] = _chained(chain, files, rows.get(address, _NOWHERE))

    def _lines(
        self, unit: CompileUnit, top: DIE, addresses: list[int]
    ) -> tuple[Files, dict[int, Row]]:
        program = self._dwarf.line_program_for_CU(unit)
        if program is None:
            return Files([], [], "", 5), {}
        header = program.header
        version = header["version"]
        files = Files(
            header["include_directory"],
            [(entry["name"], entry["dir_index"]) for entry in header["file_entry"]],
            _text(top, "DW_AT_comp_dir"),
            version,
        )
        start, end = program.program_start_offset, program.program_end_offset
        program.stream.seek(start)
        instructions = program.stream.read(max(0, end - start))
        return files, find_rows(instructions, Header.of(header), addresses, self._clock.check)

    def _functions(
        self, unit: CompileUnit, addresses: list[int]
    ) -> dict[int, list[tuple[str | None, Row]]]:
        """For each address the functions around it, outermost first, with who called each."""
        chains: dict[int, list[tuple[str | None, Row]]] = {}
        for count, entry in enumerate(unit.iter_DIEs()):
            if count % 256 == 0:
                self._clock.check()
            if count > MOST_ENTRIES:
                break
            if entry.tag not in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine"):
                continue
            within = _within(_ranges(self._dwarf, unit, entry), addresses)
            if within:
                function = (_name_of(entry), _call_of(entry))
                for address in within:
                    chains.setdefault(address, []).append(function)
        return chains


_BROKEN = (AttributeError, KeyError, IndexError, ValueError, TypeError, AssertionError)
"""What one malformed unit may raise without the others being given up."""

UNKNOWN = -1
"""The number of no file."""
_NOWHERE = Row(UNKNOWN, 0, 0)


def _open(sections: Mapping[str, bytes]) -> DWARFInfo:
    # Imported here, for few ever see a trap.
    from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

    def section(name: str) -> Any:
        data = sections.get(f".{name}")
        if data is None:
            return None
        return DebugSectionDescriptor(io.BytesIO(data), name, 0, len(data), 0)

    if len(sections.get(".debug_abbrev", b"")) > LARGEST_ABBREVIATIONS:
        raise ValueError("too many abbreviations")
    names = (
        "debug_info", "debug_aranges", "debug_abbrev", "debug_frame", "eh_frame", "debug_str",
        "debug_loc", "debug_ranges", "debug_line", "debug_pubtypes", "debug_pubnames",
        "debug_addr", "debug_str_offsets", "debug_line_str", "debug_loclists", "debug_rnglists",
        "debug_sup", "gnu_debugaltlink", "debug_types",
    )  # fmt: skip
    config = DwarfConfig(little_endian=True, machine_arch="wasm32", default_address_size=4)
    return DWARFInfo(config, **{f"{name}_sec": section(name) for name in names})


def _within(ranges: Iterable[Range], addresses: Iterable[int]) -> list[int]:
    ranges = list(ranges)
    return [at for at in addresses if any(start <= at < end for start, end in ranges)]


def _ranges(dwarf: DWARFInfo, unit: CompileUnit, entry: DIE) -> Iterator[Range]:
    """What code an entry is about; what a linker dropped is said to begin at 0."""
    attributes = entry.attributes
    low = attributes.get("DW_AT_low_pc")
    high = attributes.get("DW_AT_high_pc")
    if low is not None and high is not None:
        end = high.value if high.form == "DW_FORM_addr" else low.value + high.value
        if low.value:
            yield low.value, end
    elif "DW_AT_ranges" in attributes:
        yield from _listed_ranges(dwarf, unit, attributes["DW_AT_ranges"].value)


def _listed_ranges(dwarf: DWARFInfo, unit: CompileUnit, offset: int) -> Iterator[Range]:
    from elftools.dwarf.ranges import BaseAddressEntry

    lists = dwarf.range_lists()
    if lists is None:
        return
    low = unit.get_top_DIE().attributes.get("DW_AT_low_pc")
    base = 0 if low is None else low.value
    for item in lists.get_range_list_at_offset(offset, unit):
        if isinstance(item, BaseAddressEntry):
            base = item.base_address
            continue
        shift = 0 if item.is_absolute else base
        if item.begin_offset + shift:
            yield item.begin_offset + shift, item.end_offset + shift


class Files:
    """The files of a line program, by number."""

    def __init__(
        self,
        directories: Sequence[bytes],
        entries: Sequence[tuple[bytes, int]],
        comp_dir: str,
        version: int,
    ) -> None:
        self._directories = directories
        self._entries = entries
        self._comp_dir = comp_dir
        self._first = 0 if version >= 5 else 1
        """From 5 on, file 0 and directory 0 are said outright."""

    def path(self, number: int) -> str | None:
        """A file's path; None if there is none."""
        index = number - self._first
        if not 0 <= index < len(self._entries):
            return None
        name, directory = self._entries[index]
        return _joined(self._comp_dir, self._directory(directory or 0), _decoded(name))

    def _directory(self, number: int) -> str:
        index = number - self._first
        return _decoded(self._directories[index]) if 0 <= index < len(self._directories) else ""


def _joined(*parts: str) -> str:
    """A path; a part that is absolute stands for those before it."""
    path = ""
    for part in parts:
        absolute = part.startswith("/") or part[1:2] == ":"
        path = part if absolute or not path else f"{path.rstrip('/')}/{part}" if part else path
    return path


def _place(function: str | None, files: Files, row: Row) -> Place:
    return Place(function, files.path(row.file), row.line or None, row.column or None)


def _chained(chain: list[tuple[str | None, Row]], files: Files, innermost: Row) -> list[Place]:
    """Places of functions, innermost first: each is where it called the one within."""
    places = []
    row = innermost
    for name, call in reversed(chain):
        places.append(_place(name, files, row))
        row = call
    return places


def _call_of(entry: DIE) -> Row:
    """Where a function that was inlined is called."""

    def value(part: str, default: int) -> int:
        found = entry.attributes.get(f"DW_AT_call_{part}")
        return default if found is None else int(found.value)

    return Row(value("file", UNKNOWN), value("line", 0), value("column", 0))


def _name_of(entry: DIE) -> str | None:
    """A function's full name, or its plain one."""
    plain: str | None = None
    for _ in range(MOST_HOPS):
        for attribute in ("DW_AT_linkage_name", "DW_AT_MIPS_linkage_name"):
            if name := _text(entry, attribute):
                return demangled(name)
        plain = plain or _text(entry, "DW_AT_name") or None
        for reference in ("DW_AT_abstract_origin", "DW_AT_specification"):
            if reference in entry.attributes:
                entry = entry.get_DIE_from_attribute(reference)
                break
        else:
            break
    return plain


def _path_of(top: DIE) -> str:
    return _joined(_text(top, "DW_AT_comp_dir"), _text(top, "DW_AT_name"))


def _text(entry: DIE, attribute: str) -> str:
    found = entry.attributes.get(attribute)
    return _decoded(found.value) if found is not None else ""


def _decoded(value: object) -> str:
    return value[:LONGEST_NAME].decode("utf-8", "replace") if isinstance(value, bytes) else ""
