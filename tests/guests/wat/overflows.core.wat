;; Recurses without end.
(func $deeper (param i32) (result i32)
  (i32.add (call $deeper (local.get 0)) (i32.const 1)))
(func (export "handle") (param $request i32) (result i32) (call $deeper (i32.const 0)))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
