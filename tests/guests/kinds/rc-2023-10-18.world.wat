;; The world of the module beside it.
(import "wasi:io/streams@0.2.0-rc-2023-10-18" (instance $streams
  (export "output-stream" (type $stream (sub resource)))
  (export "error" (type $error (sub resource)))
  (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
  (export "stream-error" (type $stream-error (eq $failure)))
  (export "[method]output-stream.blocking-write-and-flush" (func
    (param "self" (borrow $stream)) (param "contents" (list u8))
    (result (result (error $stream-error)))))))
(alias export $streams "output-stream" (type $output-stream))
(import "wasi:http/types@0.2.0-rc-2023-10-18" (instance $types
  (alias outer 1 $output-stream (type $outer))
  (export "output-stream" (type $stream (eq $outer)))
  (export "fields" (type $fields (sub resource)))
  (export "incoming-request" (type (sub resource)))
  (export "outgoing-response" (type $response (sub resource)))
  (export "outgoing-body" (type $body (sub resource)))
  (export "response-outparam" (type $outparam (sub resource)))
  (type $cases (variant
    (case "invalid-url" string) (case "timeout-error" string)
    (case "protocol-error" string) (case "unexpected-error" string)))
  (export "error" (type $error (eq $cases)))
  (export "[constructor]fields" (func
    (param "entries" (list (tuple string (list u8)))) (result (own $fields))))
  (export "[constructor]outgoing-response" (func
    (param "status-code" u16) (param "headers" (borrow $fields)) (result (own $response))))
  (export "[method]outgoing-response.write" (func
    (param "self" (borrow $response)) (result (result (own $body)))))
  (export "[method]outgoing-body.write" (func
    (param "self" (borrow $body)) (result (result (own $stream)))))
  (export "[static]outgoing-body.finish" (func
    (param "this" (own $body)) (param "trailers" (option (own $fields)))))
  (export "[static]response-outparam.set" (func
    (param "param" (own $outparam))
    (param "response" (result (own $response) (error $error)))))))
(alias export $types "incoming-request" (type $incoming-request))
(alias export $types "response-outparam" (type $response-outparam))
(export "wasi:http/incoming-handler@0.2.0-rc-2023-10-18" (instance
  (alias outer 1 $incoming-request (type $outer-request))
  (export "incoming-request" (type $request (eq $outer-request)))
  (alias outer 1 $response-outparam (type $outer-outparam))
  (export "response-outparam" (type $outparam (eq $outer-outparam)))
  (export "handle" (func
    (param "request" (own $request)) (param "response-out" (own $outparam))))))
