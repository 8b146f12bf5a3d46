;; Passes each request on to what satisfies its import, which may be a dependency.
(component
  (import "wasi:http/types@VERSION" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $answer))
  (import "wasi:http/incoming-handler@VERSION" (instance $next
    (alias outer 1 $request (type $outer-request))
    (alias outer 1 $answer (type $outer-answer))
    (export "incoming-request" (type $request (eq $outer-request)))
    (export "response-outparam" (type $answer (eq $outer-answer)))
    (export "handle" (func
      (param "request" (own $request)) (param "response-out" (own $answer))))))
  (core func $pass (canon lower (func $next "handle")))
  (core module $Forward
    (func $pass (import "next" "handle") (param i32 i32))
    (func (export "handle") (param i32 i32) (call $pass (local.get 0) (local.get 1))))
  (core instance $forward (instantiate $Forward
    (with "next" (instance (export "handle" (func $pass))))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $answer))
    (canon lift (core func $forward "handle")))
  (instance $handler
    (export "incoming-request" (type $request))
    (export "response-outparam" (type $answer))
    (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@VERSION" (instance $handler)))
