;; Prices, less a discount that another component knows of.
(component
  (import "example:shop/rates" (instance $rates
    (export "discount" (func (param "amount" u32) (result u32)))))
  (canon lower (func $rates "discount") (core func $discount))
  (core module $M
    (import "" "discount" (func $discount (param i32) (result i32)))
    (func (export "price") (param $amount i32) (param $unit i32) (result i32)
      (i32.div_u
        (i32.mul
          (i32.mul (local.get $amount) (local.get $unit))
          (i32.sub (i32.const 100) (call $discount (local.get $amount))))
        (i32.const 100))))
  (core instance $m (instantiate $M (with "" (instance (export "discount" (func $discount))))))
  (func $price (param "amount" u32) (param "unit" u32) (result u32)
    (canon lift (core func $m "price")))
  (instance $pricing (export "price" (func $price)))
  (export "example:shop/pricing" (instance $pricing)))
