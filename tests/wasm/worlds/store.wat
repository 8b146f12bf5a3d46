(component
  (import "test:kv/types@0.2.1" (instance $types
    (type $code' (variant (case "denied") (case "other" string)))
    (export "code" (type $code (eq $code')))
    (type $mode' (flags "read" "write"))
    (export "mode" (type $mode (eq $mode')))
    (type $level' (enum "low" "high"))
    (export "level" (type $level (eq $level')))
    (export "bucket" (type $bucket (sub resource)))
    (type $pair (tuple string (list u8)))
    (export "pair" (type $pair' (eq $pair)))
    (export "bucket-alias" (type (eq $bucket)))
    (export "[constructor]bucket" (func (param "name" string) (result (own $bucket))))
    (export "[method]bucket.get" (func
      (param "self" (borrow $bucket)) (param "key" string)
      (result (result (option $pair') (error $code)))))
    (export "[static]bucket.open" (func async
      (param "mode" $mode) (result (result (own $bucket) (error $code)))))))
  (alias export $types "bucket" (type $bucket))
  (alias export $types "code" (type $code))
  (import "test:kv/watch@0.2.1" (instance
    (alias outer 1 $bucket (type $bucket'))
    (export "bucket" (type $bucket (eq $bucket')))
    (alias outer 1 $code (type $code'))
    (export "error-code" (type $error-code (eq $code')))
    (type $event' (record (field "type" string) (field "at" u64)))
    (export "event" (type $event (eq $event')))
    (export "watch" (func
      (param "bucket" (borrow $bucket))
      (result (tuple (stream $event) (future (result (error $error-code)))))))))
  (import "log" (func $log (param "line" string)))
  (import "inline" (instance (export "f" (func))))
  (export "again" (func $log)))
