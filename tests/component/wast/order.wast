;; Three threads that each leave their mark three times: in any order, the sum is the same.
(component definition $Order
  (core module $Table (table (export "table") 1 funcref))
  (core instance $table (instantiate $Table))
  (alias core export $table "table" (core table $table'))
  (core type $start (func (param i32)))
  (canon thread.new-indirect $start (core table $table') (core func $new))
  (canon thread.resume-later (core func $resume-later))
  (canon thread.yield (core func $yield))
  (canon task.return (result u64) (core func $task.return))
  (core module $M
    (import "" "new" (func $new (param i32 i32) (result i32)))
    (import "" "resume-later" (func $resume-later (param i32)))
    (import "" "yield" (func $yield (result i32)))
    (import "" "task.return" (func $task.return (param i64)))
    (import "" "table" (table $table 1 funcref))
    (elem (table $table) (i32.const 0) func $mark)
    (global $marks (mut i64) (i64.const 0))
    (global $sum (mut i64) (i64.const 0))
    (global $left (mut i32) (i32.const 0))

    ;; Long enough to be interrupted now and then.
    (func $spin (local $i i32)
      (loop $spin
        (br_if $spin (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000)))))
    (func $mark (param $digit i32) (local $i i32)
      (loop $again
        (call $spin)
        (global.set $marks (i64.add
          (i64.mul (global.get $marks) (i64.const 10)) (i64.extend_i32_u (local.get $digit))))
        (global.set $sum (i64.add (global.get $sum) (i64.extend_i32_u (local.get $digit))))
        (drop (call $yield))
        (br_if $again (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
      (global.set $left (i32.sub (global.get $left) (i32.const 1))))
    (func $run
      (global.set $marks (i64.const 0))
      (global.set $sum (i64.const 0))
      (global.set $left (i32.const 3))
      (call $resume-later (call $new (i32.const 0) (i32.const 1)))
      (call $resume-later (call $new (i32.const 0) (i32.const 2)))
      (call $resume-later (call $new (i32.const 0) (i32.const 3)))
      (loop $wait
        (drop (call $yield))
        (br_if $wait (global.get $left))))
    (func (export "marks")
      (call $run)
      (call $task.return (global.get $marks)))
    (func (export "sum")
      (call $run)
      (call $task.return (global.get $sum))))
  (core instance $m (instantiate $M (with "" (instance
    (export "new" (func $new))
    (export "resume-later" (func $resume-later))
    (export "yield" (func $yield))
    (export "task.return" (func $task.return))
    (export "table" (table $table'))))))
  (func (export "marks") async (result u64) (canon lift (core func $m "marks") async))
  (func (export "sum") async (result u64) (canon lift (core func $m "sum") async))
)
(component instance $order $Order)
(assert_return (invoke "sum") (u64.const 18))
(assert_return (invoke "sum") (u64.const 18))
