;; Returns a response it does not own, which is a trap.
(func (export "handle") (param $request i32) (result i32)
  (call $task.return (i32.const 0) (i32.const 999) (i32.const 0) (i64.const 0)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
