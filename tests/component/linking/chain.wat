;; Core modules that import one another's memories, tables, globals and functions.
;; call "read" 2
(component
  (core module $memory
    (memory (export "memory") 1)
    (global (export "base") i32 (i32.const 64))
    (table (export "table") 2 funcref))
  (core module $data
    (import "env" "memory" (memory 1))
    (import "env" "base" (global $base i32))
    (data (global.get $base) "\0a\0b\0c\0d"))
  (core module $code
    (import "env" "table" (table 2 funcref))
    (import "env" "memory" (memory 1))
    (import "env" "base" (global $base i32))
    (func $load (param i32) (result i32)
      (i32.load8_u (i32.add (global.get $base) (local.get 0))))
    (elem (i32.const 1) func $load))
  (core module $main
    (import "env" "table" (table 2 funcref))
    (type $load (func (param i32) (result i32)))
    (func (export "read") (param i32) (result i32)
      (call_indirect (type $load) (local.get 0) (i32.const 1))))
  (core instance $env (instantiate $memory))
  (core instance (instantiate $data (with "env" (instance $env))))
  (core instance (instantiate $code (with "env" (instance $env))))
  (core instance $main (instantiate $main (with "env" (instance
    (export "table" (table $env "table"))))))
  (func (export "read") (param "at" u32) (result u8) (canon lift (core func $main "read"))))
