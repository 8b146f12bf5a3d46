;; A resource that one nested component implements and another uses; dropping it runs its destructor.
;; call "run" ;; call "dropped" ;; call "run" ;; call "dropped"
(component
  (component $implementer
    (core module $m
      (global $dropped (mut i32) (i32.const 0))
      (func (export "dtor") (param i32)
        (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $i (instantiate $m))
    (type $thing' (resource (rep i32) (dtor (core func $i "dtor"))))
    (core func $new (canon resource.new $thing'))
    (core module $methods
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32)
        (call $new (i32.add (local.get 0) (i32.const 100))))
      (func (export "rep") (param i32) (result i32) (local.get 0)))
    (core instance $n (instantiate $methods (with "" (instance (export "new" (func $new))))))
    (export $thing "thing" (type $thing'))
    (func (export "[constructor]thing") (param "n" u32) (result (own $thing))
      (canon lift (core func $n "make")))
    (func (export "[method]thing.rep") (param "self" (borrow $thing)) (result u32)
      (canon lift (core func $n "rep")))
    (func (export "dropped") (result u32) (canon lift (core func $i "dropped"))))
  (component $user
    (import "things" (instance $things
      (export "thing" (type $thing (sub resource)))
      (export "[constructor]thing" (func (param "n" u32) (result (own $thing))))
      (export "[method]thing.rep" (func (param "self" (borrow $thing)) (result u32)))))
    (alias export $things "thing" (type $thing))
    (core func $make (canon lower (func $things "[constructor]thing")))
    (core func $rep (canon lower (func $things "[method]thing.rep")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (result i32) (local $a i32) (local $b i32) (local $sum i32)
        (local.set $a (call $make (i32.const 1)))
        (local.set $b (call $make (i32.const 2)))
        (local.set $sum (i32.add (call $rep (local.get $a)) (call $rep (local.get $b))))
        (call $drop (local.get $a))
        (call $drop (local.get $b))
        (i32.add (i32.mul (local.get $sum) (i32.const 10))
          (i32.add (local.get $a) (local.get $b)))))
    (core instance $i (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $implementer (instantiate $implementer))
  (instance $user (instantiate $user (with "things" (instance $implementer))))
  (export "run" (func $user "run"))
  (export "dropped" (func $implementer "dropped")))
