;; Answers 26 bytes of a body that it never ends.
(func (export "handle") (param $request i32) (result i32)
  (local $stream i64)
  (call $request.drop (local.get $request))
  (local.set $stream (call $stream.new))
  (call $respond (i32.const 1) (call $low (local.get $stream)))
  (drop (call $stream.write (call $high (local.get $stream)) (i32.const 256) (i32.const 26)))
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
