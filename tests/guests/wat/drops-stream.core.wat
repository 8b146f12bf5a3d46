;; Answers with a body whose writable end it drops unwritten: an empty body.
(func (export "handle") (param $request i32) (result i32)
  (local $stream i64)
  (local.set $stream (call $stream.new))
  (call $respond (i32.const 1) (call $low (local.get $stream)))
  (call $stream.drop-writable (call $high (local.get $stream)))
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
