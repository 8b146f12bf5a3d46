;; A nested component uses the module and the types around it, two levels deep.
;; call "pair" 7
(component
  (core module $shared
    (memory (export "memory") 1)
    (func (export "pair") (param i32) (result i32)
      (i32.store (i32.const 8) (local.get 0))
      (i32.store (i32.const 12) (i32.mul (local.get 0) (local.get 0)))
      (i32.const 8)))
  (type $pair (tuple u32 u32))
  (component $middle
    (component $inner
      (core instance $i (instantiate $shared))
      (func (export "pair") (param "n" u32) (result $pair)
        (canon lift (core func $i "pair") (memory (core memory $i "memory")))))
    (instance $i (instantiate $inner))
    (export "pair" (func $i "pair")))
  (instance $i (instantiate $middle))
  (export "pair" (func $i "pair")))
