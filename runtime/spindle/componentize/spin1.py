"""Modules of the SDKs of Spin 0.x and 1.x: what they import and export, under their own names.

They were made by wit-bindgen 0.2, which left no world behind. Their functions have the core types
that the functions of today's `fermyon:spin` have; only the names differ.

Spec: Spin's `wit/`, package `fermyon:spin` without a version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spindle.wasm.modules import ModuleSummary
from spindle.wasm.types import (
    CaseType,
    ComponentType,
    CoreImportDecl,
    EnumType,
    ExternType,
    FieldType,
    FuncType,
    InstanceType,
    ListType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    TypeEq,
    ValType,
    VariantType,
)

_SPIN = "fermyon:spin/"
_TEXT, _U8, _U16, _U32, _U64 = (PrimValType(n) for n in ("string", "u8", "u16", "u32", "u64"))
_S8, _S16, _S32, _S64 = (PrimValType(name) for name in ("s8", "s16", "s32", "s64"))
_BOOL, _F32, _F64 = (PrimValType(name) for name in ("bool", "f32", "f64"))
_BYTES = ListType(_U8)


def _kebab(name: str) -> str:
    return name.strip("_").replace("_", "-")


def _record(**fields: ValType) -> RecordType:
    return RecordType(tuple(FieldType(_kebab(name), of) for name, of in fields.items()))


def _variant(**cases: ValType | None) -> VariantType:
    return VariantType(tuple(CaseType(_kebab(name), of) for name, of in cases.items()))


def _enum(labels: str) -> EnumType:
    return EnumType(tuple(labels.split()))


def _func(result: ValType | None, **params: ValType) -> FuncType:
    fields = tuple(FieldType(_kebab(name), of) for name, of in params.items())
    return FuncType(fields, result)


def _interface(types: Mapping[str, ValType], **functions: FuncType) -> InstanceType:
    exports: dict[str, ExternType] = {name: TypeEq(of) for name, of in types.items()}
    return InstanceType({**exports, **{_kebab(name): of for name, of in functions.items()}})


def _or(error: ValType, ok: ValType | None = None) -> ResultType:
    return ResultType(ok, error)


_FIELDS = ListType(TupleType((_TEXT, _TEXT)))
_METHOD = _enum("get post put delete patch head options")
_REQUEST = _record(
    method=_METHOD, uri=_TEXT, headers=_FIELDS, params=_FIELDS, body=OptionType(_BYTES)
)
_RESPONSE = _record(status=_U16, headers=OptionType(_FIELDS), body=OptionType(_BYTES))
_HTTP_ERROR = _enum(
    "success destination-not-allowed invalid-url request-error runtime-error too-many-requests"
)
_MESSAGES: dict[str, ValType] = {"method": _METHOD, "request": _REQUEST, "response": _RESPONSE}

_CONFIG_ERROR = _variant(provider=_TEXT, invalid_key=_TEXT, invalid_schema=_TEXT, other=_TEXT)

_STORE_ERROR = _variant(
    store_table_full=None, no_such_store=None, access_denied=None, invalid_store=None,
    no_such_key=None, io=_TEXT,
)  # fmt: skip

_REDIS_ERROR = _enum("success error")
_PARAMETER = _variant(int64=_S64, binary=_BYTES)
_REDIS_RESULT = _variant(nil=None, status=_TEXT, int64=_S64, binary=_BYTES)
_REDIS_TYPES: dict[str, ValType] = {
    "error": _REDIS_ERROR, "redis-parameter": _PARAMETER, "redis-result": _REDIS_RESULT,
}  # fmt: skip
_KEYS = ListType(_TEXT)

_NUMBERS: dict[str, ValType | None] = {
    "boolean": _BOOL, "int8": _S8, "int16": _S16, "int32": _S32, "int64": _S64,
    "uint8": _U8, "uint16": _U16, "uint32": _U32, "uint64": _U64,
    "floating32": _F32, "floating64": _F64, "str": _TEXT, "binary": _BYTES,
}  # fmt: skip
_DATA_TYPE = _enum(" ".join([*_NUMBERS, "other"]))
_VALUE = _variant(**_NUMBERS, db_null=None, unsupported=None)
_SQL_PARAMETER = _variant(**_NUMBERS, db_null=None)
_COLUMN = _record(name=_TEXT, data_type=_DATA_TYPE)
_ROWS = _record(columns=ListType(_COLUMN), rows=ListType(ListType(_VALUE)))
_SQL_ERROR = _variant(
    success=None, connection_failed=_TEXT, bad_parameter=_TEXT, query_failed=_TEXT,
    value_conversion_failed=_TEXT, other_error=_TEXT,
)  # fmt: skip


def _database(error: str, executed: ValType | None) -> InstanceType:
    types: dict[str, ValType] = {
        "db-data-type": _DATA_TYPE, "db-value": _VALUE, "parameter-value": _SQL_PARAMETER,
        "column": _COLUMN, "row-set": _ROWS, error: _SQL_ERROR,
    }  # fmt: skip
    params: dict[str, ValType] = {
        "address": _TEXT,
        "statement": _TEXT,
        "params": ListType(_SQL_PARAMETER),
    }
    return _interface(
        types,
        query=_func(_or(_SQL_ERROR, _ROWS), **params),
        execute=_func(_or(_SQL_ERROR, executed), **params),
    )


_SQLITE_ERROR = _variant(
    no_such_database=None, access_denied=None, invalid_connection=None, database_full=None,
    io=_TEXT,
)  # fmt: skip
_SQLITE_VALUE = _variant(integer=_S64, real=_F64, text=_TEXT, blob=_BYTES, null=None)
_SQLITE_ROW = _record(values=ListType(_SQLITE_VALUE))
_SQLITE_RESULT = _record(columns=ListType(_TEXT), rows=ListType(_SQLITE_ROW))

_LLM_PARAMS = _record(
    max_tokens=_U32, repeat_penalty=_F32, repeat_penalty_last_n_token_count=_U32,
    temperature=_F32, top_k=_U32, top_p=_F32,
)  # fmt: skip
_LLM_ERROR = _variant(model_not_supported=None, runtime_error=_TEXT, invalid_input=_TEXT)
_LLM_USAGE = _record(prompt_token_count=_U32, generated_token_count=_U32)
_LLM_RESULT = _record(text=_TEXT, usage=_LLM_USAGE)
_EMBEDDINGS_USAGE = _record(prompt_token_count=_U32)
_EMBEDDINGS = _record(embeddings=ListType(ListType(_F32)), usage=_EMBEDDINGS_USAGE)

_INTERFACES = {
    "http-types": _interface({**_MESSAGES, "http-error": _HTTP_ERROR}),
    "http": _interface(
        {**_MESSAGES, "http-error": _HTTP_ERROR},
        send_request=_func(_or(_HTTP_ERROR, _RESPONSE), req=_REQUEST),
    ),
    "config": _interface(
        {"error": _CONFIG_ERROR}, get_config=_func(_or(_CONFIG_ERROR, _TEXT), key=_TEXT)
    ),
    "key-value": _interface(
        {"error": _STORE_ERROR},
        open=_func(_or(_STORE_ERROR, _U32), name=_TEXT),
        get=_func(_or(_STORE_ERROR, _BYTES), store=_U32, key=_TEXT),
        set=_func(_or(_STORE_ERROR), store=_U32, key=_TEXT, value=_BYTES),
        delete=_func(_or(_STORE_ERROR), store=_U32, key=_TEXT),
        exists=_func(_or(_STORE_ERROR, _BOOL), store=_U32, key=_TEXT),
        get_keys=_func(_or(_STORE_ERROR, _KEYS), store=_U32),
        close=_func(None, store=_U32),
    ),
    "redis": _interface(
        _REDIS_TYPES,
        publish=_func(_or(_REDIS_ERROR), address=_TEXT, channel=_TEXT, payload=_BYTES),
        get=_func(_or(_REDIS_ERROR, _BYTES), address=_TEXT, key=_TEXT),
        set=_func(_or(_REDIS_ERROR), address=_TEXT, key=_TEXT, value=_BYTES),
        incr=_func(_or(_REDIS_ERROR, _S64), address=_TEXT, key=_TEXT),
        del_=_func(_or(_REDIS_ERROR, _S64), address=_TEXT, keys=_KEYS),
        sadd=_func(_or(_REDIS_ERROR, _S64), address=_TEXT, key=_TEXT, values=_KEYS),
        smembers=_func(_or(_REDIS_ERROR, _KEYS), address=_TEXT, key=_TEXT),
        srem=_func(_or(_REDIS_ERROR, _S64), address=_TEXT, key=_TEXT, values=_KEYS),
        execute=_func(
            _or(_REDIS_ERROR, ListType(_REDIS_RESULT)),
            address=_TEXT,
            command=_TEXT,
            arguments=ListType(_PARAMETER),
        ),
    ),
    "postgres": _database("pg-error", _U64),
    "mysql": _database("mysql-error", None),
    "sqlite": _interface(
        {
            "error": _SQLITE_ERROR, "value": _SQLITE_VALUE, "row-result": _SQLITE_ROW,
            "query-result": _SQLITE_RESULT,
        },
        open=_func(_or(_SQLITE_ERROR, _U32), database=_TEXT),
        execute=_func(
            _or(_SQLITE_ERROR, _SQLITE_RESULT),
            conn=_U32,
            statement=_TEXT,
            parameters=ListType(_SQLITE_VALUE),
        ),
        close=_func(None, conn=_U32),
    ),
    "llm": _interface(
        {
            "inferencing-params": _LLM_PARAMS, "error": _LLM_ERROR,
            "inferencing-usage": _LLM_USAGE, "inferencing-result": _LLM_RESULT,
            "embeddings-usage": _EMBEDDINGS_USAGE, "embeddings-result": _EMBEDDINGS,
        },
        infer=_func(
            _or(_LLM_ERROR, _LLM_RESULT),
            model=_TEXT,
            prompt=_TEXT,
            params=OptionType(_LLM_PARAMS),
        ),
        generate_embeddings=_func(_or(_LLM_ERROR, _EMBEDDINGS), model=_TEXT, text=_KEYS),
    ),
}  # fmt: skip

_EXPORTS = {
    "handle-http-request": (
        "inbound-http",
        "handle-request",
        _interface(_MESSAGES, handle_request=_func(_RESPONSE, req=_REQUEST)),
    ),
    "handle-redis-message": (
        "inbound-redis",
        "handle-message",
        _interface(
            {"error": _REDIS_ERROR},
            handle_message=_func(_or(_REDIS_ERROR), message=_BYTES),
        ),
    ),
}
"""For each export the interface and function it is now, and the interface's type."""

_MODULES = {
    "key-value": "key-value",
    "llm": "llm",
    "outbound-mysql": "mysql",
    "outbound-pg": "postgres",
    "outbound-redis": "redis",
    "spin-config": "config",
    "sqlite": "sqlite",
    "wasi-outbound-http": "http",
}
"""For each module they import from, the interface it is now."""


def is_spin1(exports: Iterable[str]) -> bool:
    """Whether a module with these exports is one of those."""
    return not _EXPORTS.keys().isdisjoint(exports)


def spin1_world(summary: ModuleSummary) -> ComponentType:
    """The world of such a module."""
    exported = [_EXPORTS[e.name] for e in summary.exports if e.name in _EXPORTS]
    return ComponentType(
        {_SPIN + name: of for name, of in _INTERFACES.items()},
        {_SPIN + interface: of for interface, _, of in exported},
    )


def as_now(declared: CoreImportDecl) -> CoreImportDecl:
    """An import under the names of today; as it is if it is none of theirs."""
    interface = _MODULES.get(declared.module)
    if interface is None:
        return declared
    name = "send-request" if interface == "http" else declared.name
    return declared._replace(module=_SPIN + interface, name=name)


RENAMED = {
    f"{_SPIN}{interface}#{function}": name for name, (interface, function, _) in _EXPORTS.items()
}
"""For the name a handler is exported under now, the one it had."""
