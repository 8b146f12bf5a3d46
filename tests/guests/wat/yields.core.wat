;; Yields (callback code 1) without end.
(func (export "handle") (param $request i32) (result i32) (i32.const 1))
(func (export "callback") (param i32 i32 i32) (result i32) (i32.const 1))
