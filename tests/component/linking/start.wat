;; A start function calls the host while the component is being instantiated.
;; call "started"
(component
  (import "triple" (func $triple (param "n" u32) (result u32)))
  (core func $triple (canon lower (func $triple)))
  (core module $m
    (import "" "triple" (func $triple (param i32) (result i32)))
    (global $n (mut i32) (i32.const 0))
    (func $start (global.set $n (call $triple (i32.const 14))))
    (start $start)
    (func (export "started") (result i32) (global.get $n)))
  (core instance $i (instantiate $m (with "" (instance (export "triple" (func $triple))))))
  (func (export "started") (result u32) (canon lift (core func $i "started"))))
