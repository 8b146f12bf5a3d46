;; Traps before it has started.
(start $trap)
(func $trap
  (unreachable))
(func (export "handle") (param $request i32) (result i32)
  (unreachable))
(func (export "callback") (param i32 i32 i32) (result i32)
  (unreachable))
