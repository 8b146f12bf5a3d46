;; A lowered function that needs the memory of the very module that imports it: its callers go
;; through a table that is filled in afterwards.
;; call "greet-all"
(component
  (import "test:host/words@1.0.0" (instance $words
    (export "greet" (func (param "whom" string) (result string)))))
  (core module $shim
    (type $greet (func (param i32 i32 i32)))
    (table (export "table") 1 1 funcref)
    (func (export "0") (param i32 i32 i32)
      (call_indirect (type $greet) (local.get 0) (local.get 1) (local.get 2) (i32.const 0))))
  (core module $main
    (import "words" "greet" (func $greet (param i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 32) "all")
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3))))
    (func (export "greet-all") (result i32)
      (call $greet (i32.const 32) (i32.const 3) (i32.const 16))
      (i32.const 16)))
  (core module $fixups
    (import "" "0" (func $greet (param i32 i32 i32)))
    (import "" "table" (table 1 1 funcref))
    (elem (i32.const 0) func $greet))
  (core instance $shim (instantiate $shim))
  (core instance $main (instantiate $main
    (with "words" (instance (export "greet" (func $shim "0"))))))
  (core func $greet (canon lower (func $words "greet") (memory (core memory $main "memory"))
    (realloc (core func $main "realloc"))))
  (core instance (instantiate $fixups (with "" (instance
    (export "0" (func $greet)) (export "table" (table $shim "table"))))))
  (func (export "greet-all") (result string)
    (canon lift (core func $main "greet-all") (memory (core memory $main "memory")))))
