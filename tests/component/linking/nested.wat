;; One nested component's function called from another, each instantiated twice.
;; call "count" ;; call "count" ;; call "count-other" ;; call "count"
(component
  (component $counter
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "count") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (global.get $n)))
    (core instance $i (instantiate $m))
    (func (export "count") (result u32) (canon lift (core func $i "count"))))
  (component $tenfold
    (import "count" (func $count (result u32)))
    (core func $lowered (canon lower (func $count)))
    (core module $m
      (import "" "count" (func $count (result i32)))
      (func (export "count") (result i32) (i32.mul (call $count) (i32.const 10))))
    (core instance $i (instantiate $m (with "" (instance (export "count" (func $lowered))))))
    (func (export "count") (result u32) (canon lift (core func $i "count"))))
  (instance $a (instantiate $counter))
  (instance $b (instantiate $counter))
  (instance $c (instantiate $tenfold (with "count" (func $a "count"))))
  (instance $d (instantiate $tenfold (with "count" (func $b "count"))))
  (export "count" (func $c "count"))
  (export "count-other" (func $d "count")))
