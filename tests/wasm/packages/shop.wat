(component
  (type $stock (component
    (export "test:shop/stock@1.2.0" (instance
      (type $size' (enum "small" "large"))
      (export "size" (type $size (eq $size')))
      (export "shelf" (type $shelf (sub resource)))
      (export "[method]shelf.count" (func
        (param "self" (borrow $shelf)) (param "size" $size) (result u32)))))))
  (export "stock" (type $stock))
  (type $till (component
    (import "test:money/coins@0.1.0" (instance $coins
      (type $coin' (record (field "cents" u32)))
      (export "coin" (type (eq $coin')))))
    (import "test:shop/stock@1.2.0" (instance $stock
      (export "shelf" (type (sub resource)))))
    (alias export $coins "coin" (type $coin'))
    (alias export $stock "shelf" (type $shelf'))
    (export "test:shop/till@1.2.0" (instance
      (alias outer 1 $coin' (type $coin''))
      (export "coin" (type $coin (eq $coin'')))
      (alias outer 1 $shelf' (type $shelf''))
      (export "shelf" (type $shelf (eq $shelf'')))
      (export "pay" (func (param "from" (borrow $shelf)) (result (list $coin))))))))
  (export "till" (type $till))
  (type $shop (component
    (export "test:shop/shop@1.2.0" (component
      (import "test:money/coins@0.1.0" (instance $coins
        (type $coin' (record (field "cents" u32)))
        (export "coin" (type $coin (eq $coin')))
        (export "weigh" (func (param "coin" $coin) (result f32)))))
      (alias export $coins "coin" (type $coin))
      (import "purse" (type $purse (eq $coin)))
      (import "open" (func (result $purse)))
      (export "test:shop/stock@1.2.0" (instance
        (export "shelf" (type (sub resource)))))))))
  (export "shop" (type $shop)))
