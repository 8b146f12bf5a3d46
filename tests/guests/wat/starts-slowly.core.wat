;; Takes several time slices to start, and answers 200.
(start $slowly)
(func $slowly (local $n i32)
  (loop $again
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $n) (i32.const 200000000)))))
(func (export "handle") (param $request i32) (result i32)
  (call $request.drop (local.get $request))
  (call $respond (i32.const 0) (i32.const 0))
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32)
  (i32.const 0))
