import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import built

from spindle.wasm.demangling import LONGEST, demangled
from spindle.wasm.dwarf import find_places
from spindle.wasm.line_rows import Header, Row, find_rows
from spindle.wasm.modules import read_module
from spindle.wasm.source_paths import is_foreign, shortened

NAMES = ["crash", "crash-dwarf4", "crash-dwarf5"]


def sections_of(name: str) -> tuple[dict[str, bytes], int]:
    """A guest's debug sections, and how long its code is."""
    data = built(name).read_bytes()
    summary = read_module(data)
    custom = {s.name: data[s.start : s.end] for s in summary.custom}
    return custom, summary.code[1] - summary.code[0]


@pytest.mark.parametrize("name", NAMES)
def test_most_of_a_modules_code_has_a_place(name: str) -> None:
    sections, size = sections_of(name)
    places = find_places(sections, range(size), seconds=60)
    assert len(places) > size / 2
    assert any(chain[-1].function and chain[-1].line for chain in places.values())


SECTIONS = {name: sections_of(name) for name in NAMES}
CHANGES = st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8)


@given(
    st.sampled_from(NAMES),
    st.sampled_from([".debug_info", ".debug_abbrev", ".debug_line", ".debug_ranges"]),
    CHANGES,
    st.integers(0, 2**16),
)
def test_damaged_sections_cost_places_and_no_more(
    name: str, section: str, changes: list[tuple[int, int]], end: int
) -> None:
    sections, size = SECTIONS[name]
    damaged = bytearray(sections.get(section, b"\0"))
    for at, value in changes:
        damaged[at % len(damaged)] = value
    cut = bytes(damaged[: len(damaged) - end % 3])
    places = find_places({**sections, section: cut}, range(0, size, 7), seconds=5)
    assert all(at < size for at in places)


@given(st.dictionaries(st.sampled_from([".debug_info", ".debug_abbrev", ".debug_line"]),
                       st.binary(max_size=200)))  # fmt: skip
def test_any_bytes(sections: dict[str, bytes]) -> None:
    assert isinstance(find_places(sections, [1, 2, 3], seconds=5), dict)


def test_no_time_is_no_failure() -> None:
    sections, size = SECTIONS["crash"]
    assert find_places(sections, range(size), seconds=-1) == {}


def leb(value: int) -> bytes:
    return bytes([value | 0x80, 0])


HEADER = Header(1, -5, 14, 13, [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])


def test_rows_of_a_line_program() -> None:
    program = b"".join(
        (
            b"\0\x05\x02\x10\0\0\0",  # set_address 16
            b"\x03\x09",  # advance_line 9
            b"\x05" + leb(7) + b"\x01",  # set_column 7, copy
            bytes([13 + 14 * 4 + 5 + 2]),  # special: 4 bytes, 2 lines
            b"\x08",  # const_add_pc
            b"\x04\x02\x01",  # set_file 2, copy
            b"\x02" + leb(9),  # advance_pc 9
            b"\0\x01\x01",  # end_sequence
        )
    )
    rows = find_rows(program, HEADER, [15, 16, 19, 20, 36, 37, 45, 46, 1000], lambda: None)
    first, second, third = Row(1, 10, 7), Row(1, 12, 7), Row(2, 12, 7)
    assert rows == {16: first, 19: first, 20: second, 36: second, 37: third, 45: third}


@pytest.mark.parametrize(
    ("mangled", "name"),
    [
        ("_ZN4core9panicking9panic_fmt17h0123456789abcdefE", "core::panicking::panic_fmt"),
        ("_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function"),
        ("_ZNKSt6vectorIiSaIiEE4sizeEv", "std::vector<int, std::allocator<int>>::size() const"),
        ("wasi:http/handler@0.3.0#handle", "wasi:http/handler@0.3.0#handle"),
        ("_Z", "_Z"),
        ("_ZN" + "3foo" * LONGEST + "E", "_ZN" + "3foo" * LONGEST + "E"),
    ],
)
def test_demangling(mangled: str, name: str) -> None:
    assert demangled(mangled) == name


@given(st.sampled_from(["_R", "_Z", "_ZN", "__R"]), st.text(max_size=60))
def test_demangling_anything(scheme: str, rest: str) -> None:
    assert isinstance(demangled(scheme + rest), str)


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("/rustc/59807616e1fa/library/core/src/option.rs", "library/core/src/option.rs"),
        (
            "/home/a/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.2/src/de.rs",
            "serde-1.0.2/src/de.rs",
        ),
        (r"C:\Users\a\.cargo\registry\src\github.com-1\x-0.1.0\src\lib.rs", "x-0.1.0/src/lib.rs"),
        ("/root/go/pkg/mod/github.com/a/b@v1.2.3/c.go", "github.com/a/b@v1.2.3/c.go"),
    ],
)
def test_paths_of_others_begin_with_a_packages_name(path: str, short: str) -> None:
    assert is_foreign(path)
    assert shortened(path) == short


def test_paths_of_ones_own_stay() -> None:
    assert not is_foreign("/home/a/app/src/lib.rs")
    assert shortened("/home/a/app/src/lib.rs") == "/home/a/app/src/lib.rs"
