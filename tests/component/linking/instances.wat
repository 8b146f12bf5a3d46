;; Exported instances: made of a nested one, of single functions, and nested.
;; call "whole" "add" 1 2 ;; call "parts" "sum" 3 4 ;; call "outer" "deep" "add" 5 6
(component
  (component $adder
    (core module $m
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
      (canon lift (core func $i "add"))))
  (instance $whole (instantiate $adder))
  (instance $parts (export "sum" (func $whole "add")))
  (instance $outer (export "deep" (instance $whole)))
  (export "whole" (instance $whole))
  (export "parts" (instance $parts))
  (export "outer" (instance $outer)))
