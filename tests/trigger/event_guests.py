"""Components for triggers other than HTTP, in a few instructions.

What they are given decides what they do: a payload by its first letter, `t` traps, `l` loops
without end, `e` answers with an error, anything else is fine. A cron handler looks at the time, its
last byte being the letter.
"""

from tests.wasm.encode import encode

GROWING = """
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (block $enough
        (br_if $enough (i32.le_u (global.get $next) (i32.shl (memory.size) (i32.const 16))))
        (drop (memory.grow (i32.shr_u (i32.add (local.get 3) (i32.const 65536)) (i32.const 16)))))
      (local.get $at))
    (data (i32.const 64) "no such order")
"""
"""A memory that grows with what is allocated, for payloads of any size, and an error's text."""
BEHAVIOUR = """
    (func $behave (param $letter i32) (result i32)
      (if (i32.eq (local.get $letter) (i32.const 116)) (then unreachable))
      (if (i32.eq (local.get $letter) (i32.const 108)) (then (loop $again (br $again))))
      (if (i32.eq (local.get $letter) (i32.const 101)) (then
        (i32.store8 (i32.const 16) (i32.const 1))
        (i32.store8 (i32.const 20) (i32.const {case}))
        (i32.store (i32.const 24) (i32.const 64))
        (i32.store (i32.const 28) (i32.const 13))))
      (i32.const 16))
"""
OPTIONS = '(memory (core memory $m "memory")) (realloc (core func $m "cabi_realloc"))'

OTHER = """
  (type $types (instance
    (type $e (variant (case "other" string)))
    (export "error" (type (eq $e)))
    (type $m (record {field}))
    (export "metadata" (type (eq $m)))))
  (import "{types}" (instance $t (type $types)))
  (alias export $t "error" (type $error))
  (alias export $t "metadata" (type $metadata))
"""


def old_redis() -> bytes:
    """The handler of Spin 1 and 2: `fermyon:spin/inbound-redis`."""
    return encode(
        f"""(component
  (type $types (instance
    (type $e (enum "success" "error"))
    (export "error" (type (eq $e)))))
  (import "fermyon:spin/redis-types" (instance $t (type $types)))
  (alias export $t "error" (type $error))
  (core module $M {GROWING} {_enum()}
    (func (export "handle-message") (param i32 i32) (result i32)
      (call $behave (i32.load8_u (local.get 0)))))
  (core instance $m (instantiate $M))
  (func $h (param "message" (list u8)) (result (result (error $error)))
    (canon lift (core func $m "handle-message") {OPTIONS}))
  (instance $i (export "handle-message" (func $h)))
  (export "fermyon:spin/inbound-redis" (instance $i)))"""
    )


def cron(types: str = "spin:cron/cron-types@3.0.0") -> bytes:
    """`handle-cron-event`, of the plugin's world."""
    return encode(
        f"""(component {OTHER.format(types=types, field='(field "timestamp" u64)')}
  (core module $M {GROWING} {BEHAVIOUR.format(case=0)}
    (func (export "handle-cron-event") (param i64) (result i32)
      (call $behave (i32.and (i32.wrap_i64 (local.get 0)) (i32.const 255)))))
  (core instance $m (instantiate $M))
  (func $h (param "metadata" $metadata) (result (result (error $error)))
    (canon lift (core func $m "handle-cron-event") {OPTIONS}))
  (export "handle-cron-event" (func $h)))"""
    )


def mqtt(types: str = "spin:mqtt-trigger/spin-mqtt-types@3.0.0") -> bytes:
    """`handle-message`, of the plugin's world."""
    return encode(
        f"""(component {OTHER.format(types=types, field='(field "topic" string)')}
  (core module $M {GROWING} {BEHAVIOUR.format(case=0)}
    (func (export "handle-message") (param i32 i32 i32 i32) (result i32)
      (call $behave (i32.load8_u (local.get 0)))))
  (core instance $m (instantiate $M))
  (func $h (param "message" (list u8)) (param "metadata" $metadata)
    (result (result (error $error)))
    (canon lift (core func $m "handle-message") {OPTIONS}))
  (export "handle-message" (func $h)))"""
    )


def dependent_redis() -> bytes:
    """A Redis handler that asks a dependency for the letter by which it behaves."""
    return encode(
        f"""(component
  (import "test:letters/letters" (instance $d (export "letter" (func (result u32)))))
  (core func $letter (canon lower (func $d "letter")))
  (core instance $host (export "letter" (func $letter)))
  (type $types (instance
    (type $e (enum "success" "error"))
    (export "error" (type (eq $e)))))
  (import "fermyon:spin/redis-types" (instance $t (type $types)))
  (alias export $t "error" (type $error))
  (core module $M (import "host" "letter" (func $letter (result i32))) {GROWING} {_enum()}
    (func (export "handle-message") (param i32 i32) (result i32) (call $behave (call $letter))))
  (core instance $m (instantiate $M (with "host" (instance $host))))
  (func $h (param "message" (list u8)) (result (result (error $error)))
    (canon lift (core func $m "handle-message") {OPTIONS}))
  (instance $i (export "handle-message" (func $h)))
  (export "fermyon:spin/inbound-redis" (instance $i)))"""
    )


def letters(letter: str) -> bytes:
    """A dependency that always says the same letter."""
    return encode(
        f"""(component
  (core module $M (func (export "letter") (result i32) (i32.const {ord(letter)})))
  (core instance $m (instantiate $M))
  (func $f (result u32) (canon lift (core func $m "letter")))
  (instance $i (export "letter" (func $f)))
  (export "test:letters/letters" (instance $i)))"""
    )


def wrong_cron() -> bytes:
    """A `handle-cron-event` that takes no metadata."""
    return encode(
        """(component
  (core module $M (func (export "h")))
  (core instance $m (instantiate $M))
  (func $h (canon lift (core func $m "h")))
  (export "handle-cron-event" (func $h)))"""
    )


def command(status: int = 0) -> bytes:
    """A command as a core module: prints its arguments, a NUL after each, and exits."""
    return encode(
        f"""(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 4096)))
    (i32.store (i32.const 16) (i32.const 4096))
    (i32.store (i32.const 20) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
    (call $exit (i32.const {status}))))"""
    )


def _enum() -> str:
    """The behaviour where an error is one of an enum's cases: it is right behind the first byte."""
    return BEHAVIOUR.format(case=0).replace(
        "(i32.store8 (i32.const 20) (i32.const 0))", "(i32.store8 (i32.const 17) (i32.const 1))"
    )
