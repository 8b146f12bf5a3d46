;; Synchronous calls of asynchronous functions, three components deep: each of them computes
;; long enough to be interrupted, and the innermost waits.
(component
  (component $Inner
    (core module $M
      (import "" "task.return" (func $task.return (param i32)))
      (import "" "context.set" (func $context.set (param i32)))
      (import "" "context.get" (func $context.get (result i32)))
      (func (export "slow") (param $n i32) (result i32)
        (call $context.set (local.get $n))
        (i32.const 1))
      (func (export "slow-more") (param i32 i32 i32) (result i32)
        (call $task.return (i32.mul (call $context.get) (i32.const 2)))
        (i32.const 0)))
    (canon task.return (result u32) (core func $task.return))
    (canon context.set i32 0 (core func $context.set))
    (canon context.get i32 0 (core func $context.get))
    (core instance $m (instantiate $M (with "" (instance
      (export "task.return" (func $task.return))
      (export "context.set" (func $context.set))
      (export "context.get" (func $context.get))))))
    (func (export "slow") async (param "n" u32) (result u32)
      (canon lift (core func $m "slow") async (callback (core func $m "slow-more"))))
    (core module $Quick
      (func (export "quick") (param $n i32) (result i32)
        (local $i i32)
        (loop $spin
          (br_if $spin (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
        (i32.add (local.get $n) (i32.const 1))))
    (core instance $quick (instantiate $Quick))
    (func (export "quick") (param "n" u32) (result u32) (canon lift (core func $quick "quick"))))

  (component $Middle
    (import "slow" (func $slow async (param "n" u32) (result u32)))
    (import "quick" (func $quick (param "n" u32) (result u32)))
    (canon lower (func $slow) (core func $slow'))
    (canon lower (func $quick) (core func $quick'))
    (core module $M
      (import "" "slow" (func $slow (param i32) (result i32)))
      (import "" "quick" (func $quick (param i32) (result i32)))
      (func (export "both") (param $n i32) (result i32)
        (i32.add (call $slow (local.get $n)) (call $quick (local.get $n))))
      (func (export "quick") (param $n i32) (result i32)
        (local $i i32)
        (loop $spin
          (br_if $spin (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
        (call $quick (call $quick (local.get $n)))))
    (core instance $m (instantiate $M (with "" (instance
      (export "slow" (func $slow')) (export "quick" (func $quick'))))))
    (func (export "both") async (param "n" u32) (result u32) (canon lift (core func $m "both")))
    (func (export "quick") (param "n" u32) (result u32) (canon lift (core func $m "quick"))))

  (component $Outer
    (import "both" (func $both async (param "n" u32) (result u32)))
    (import "quick" (func $quick (param "n" u32) (result u32)))
    (canon lower (func $both) (core func $both'))
    (canon lower (func $quick) (core func $quick'))
    (core module $M
      (import "" "both" (func $both (param i32) (result i32)))
      (import "" "quick" (func $quick (param i32) (result i32)))
      (func (export "both") (param $n i32) (result i32)
        (i32.add (call $both (local.get $n)) (call $both (i32.const 100))))
      (func (export "quick") (param $n i32) (result i32)
        (call $quick (call $quick (local.get $n)))))
    (core instance $m (instantiate $M (with "" (instance
      (export "both" (func $both')) (export "quick" (func $quick'))))))
    (func (export "both") async (param "n" u32) (result u32) (canon lift (core func $m "both")))
    (func (export "quick") (param "n" u32) (result u32) (canon lift (core func $m "quick")))
    ;; A function that is not asynchronous must not wait for one that is.
    (func (export "must-not") (param "n" u32) (result u32) (canon lift (core func $m "both"))))

  (instance $inner (instantiate $Inner))
  (instance $middle (instantiate $Middle
    (with "slow" (func $inner "slow")) (with "quick" (func $inner "quick"))))
  (instance $outer (instantiate $Outer
    (with "both" (func $middle "both")) (with "quick" (func $middle "quick"))))
  (func (export "both") (alias export $outer "both"))
  (func (export "quick") (alias export $outer "quick"))
  (func (export "must-not") (alias export $outer "must-not"))
)
(assert_return (invoke "both" (u32.const 1)) (u32.const 305))
(assert_return (invoke "quick" (u32.const 1)) (u32.const 5))
(assert_return (invoke "both" (u32.const 10)) (u32.const 332))
(assert_return (invoke "quick" (u32.const 10)) (u32.const 14))
(assert_trap (invoke "must-not" (u32.const 1)) "deadlock")
