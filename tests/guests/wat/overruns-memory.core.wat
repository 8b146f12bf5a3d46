;; Has the host return beyond the end of memory, which is a trap.
(func (export "handle") (param $request i32) (result i32)
  (call $response.new (call $fields.new) (i32.const 0) (i32.const 0)
    (call $low (call $trailers.new)) (i32.const 0x7ffffff8))
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
