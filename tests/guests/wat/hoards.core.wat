;; Makes resources of the host's without end.
(func (export "handle") (param $request i32) (result i32)
  (loop $again (drop (call $fields.new)) (br $again))
  (unreachable))
(func (export "callback") (param i32 i32 i32) (result i32) (unreachable))
