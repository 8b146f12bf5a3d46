;; Functions of an interface and by themselves; the interface is there in a later minor version.
;; call "sum" 5
(component
  (import "test:host/numbers@1.1.0" (instance $numbers
    (export "double" (func (param "n" u32) (result u32)))))
  (import "triple" (func $triple (param "n" u32) (result u32)))
  (core func $double (canon lower (func $numbers "double")))
  (core func $triple (canon lower (func $triple)))
  (core module $m
    (import "host" "double" (func $double (param i32) (result i32)))
    (import "host" "triple" (func $triple (param i32) (result i32)))
    (func (export "sum") (param i32) (result i32)
      (i32.add (call $double (local.get 0)) (call $triple (local.get 0)))))
  (core instance $i (instantiate $m (with "host" (instance
    (export "double" (func $double)) (export "triple" (func $triple))))))
  (func (export "sum") (param "n" u32) (result u32) (canon lift (core func $i "sum"))))
