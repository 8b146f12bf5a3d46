;; Core modules and components as values: passed in, captured, exported, or left alone.
(component
  (component $Maker
    (import "module" (core module $Module (export "number" (func (result i32)))))
    (component $Made
      (core instance $m (instantiate $Module))
      (func (export "number") (result u32) (canon lift (core func $m "number"))))
    (export "made" (component $Made)))
  (core module $One (func (export "number") (result i32) (i32.const 1)))
  (core module $Two (func (export "number") (result i32) (i32.const 2)))
  (instance $ones (instantiate $Maker (with "module" (core module $One))))
  (instance $twos (instantiate $Maker (with "module" (core module $Two))))
  (alias export $ones "made" (component $MadeOne))
  (alias export $twos "made" (component $MadeTwo))
  (instance $one (instantiate $MadeOne))
  (instance $two (instantiate $MadeTwo))
  (instance $two-again (instantiate $MadeTwo))
  (func (export "one") (alias export $one "number"))
  (func (export "two") (alias export $two "number"))
  (func (export "two-again") (alias export $two-again "number"))
  (export "module" (core module $One))
  (export "component" (component $MadeOne))
)
(assert_return (invoke "one") (u32.const 1))
(assert_return (invoke "two") (u32.const 2))
(assert_return (invoke "two-again") (u32.const 2))

(assert_invalid
  (component (core module (func (result i32))))
  "type mismatch")
(assert_invalid
  (component (core module (import "a" "b" (func)) (import "a" "b" (func))))
  "core import `a` `b` is there twice")
(assert_invalid
  (component (core type (module (import "a" "b" (memory 65537)))))
  "more than 65536 pages")
(component definition (core type (module (import "a" "b" (memory i64 65537)))))

;; What an export is said to be is all that can be known of it.
(assert_invalid
  (component
    (component $Maker
      (type $thing (resource (rep i32)))
      (export "thing" (type $thing))
      (export "other" (type $thing) (type (sub resource))))
    (instance $made (instantiate $Maker))
    (component $Same (import "thing" (type $thing (sub resource))) (import "other" (type (eq $thing))))
    (instance (instantiate $Same
      (with "thing" (type $made "thing")) (with "other" (type $made "other")))))
  "does not fit")
