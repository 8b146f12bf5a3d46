;; Answers, then drops the trailers unwritten, which is a trap.
(func (export "handle") (param $request i32) (result i32)
  (call $trailers.drop-writable (call $begin (i32.const 0) (i32.const 0)))
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
