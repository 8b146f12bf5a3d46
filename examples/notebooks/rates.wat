;; One percent off for each ten pieces, thirty at most.
(component
  (core module $M
    (func (export "discount") (param $amount i32) (result i32)
      (local $off i32)
      (local.set $off (i32.div_u (local.get $amount) (i32.const 10)))
      (select (i32.const 30) (local.get $off) (i32.gt_u (local.get $off) (i32.const 30)))))
  (core instance $m (instantiate $M))
  (func $discount (param "amount" u32) (result u32) (canon lift (core func $m "discount")))
  (instance $rates (export "discount" (func $discount)))
  (export "example:shop/rates" (instance $rates)))
