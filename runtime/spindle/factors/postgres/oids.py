"""The numbers PostgreSQL has for the types that Spin's interfaces have values for."""

from __future__ import annotations

BOOL, BYTEA, CHAR, NAME, INT8, INT2, INT4, TEXT = 16, 17, 18, 19, 20, 21, 23, 25
JSON, FLOAT4, FLOAT8, UNKNOWN, BPCHAR, VARCHAR, DATE, TIME = (
    114,
    700,
    701,
    705,
    1042,
    1043,
    1082,
    1083,
)
TIMESTAMP, TIMESTAMPTZ, INTERVAL, NUMERIC, UUID, JSONB = 1114, 1184, 1186, 1700, 2950, 3802
INT4_RANGE, NUM_RANGE, INT8_RANGE = 3904, 3906, 3926
NAME_ARRAY, INT4_ARRAY, TEXT_ARRAY, BPCHAR_ARRAY, VARCHAR_ARRAY = 1003, 1007, 1009, 1014, 1015
INT8_ARRAY, NUMERIC_ARRAY = 1016, 1231

NAMES = {
    BOOL: "bool", BYTEA: "bytea", CHAR: "char", NAME: "name", INT8: "int8", INT2: "int2",
    INT4: "int4", TEXT: "text", JSON: "json", FLOAT4: "float4", FLOAT8: "float8",
    UNKNOWN: "unknown", BPCHAR: "bpchar", VARCHAR: "varchar", DATE: "date", TIME: "time",
    TIMESTAMP: "timestamp", TIMESTAMPTZ: "timestamptz", INTERVAL: "interval", NUMERIC: "numeric",
    UUID: "uuid", JSONB: "jsonb", INT4_RANGE: "int4range", NUM_RANGE: "numrange",
    INT8_RANGE: "int8range", NAME_ARRAY: "_name", INT4_ARRAY: "_int4", TEXT_ARRAY: "_text",
    BPCHAR_ARRAY: "_bpchar", VARCHAR_ARRAY: "_varchar", INT8_ARRAY: "_int8",
    NUMERIC_ARRAY: "_numeric",
}  # fmt: skip
"""What `pg_type` calls them; other types' names are asked for."""
