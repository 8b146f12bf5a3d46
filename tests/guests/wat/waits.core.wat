;; Waits (callback code 2) for a set in which nothing can happen.
(func (export "handle") (param $request i32) (result i32)
  (i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4))))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
