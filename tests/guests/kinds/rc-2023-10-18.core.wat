;; A core module as an SDK of Spin 2 leaves it: writes a line through WASI preview 1 and answers.
(import "wasi_snapshot_preview1" "fd_write" (func $fd-write (param i32 i32 i32 i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[constructor]fields"
  (func $fields (param i32 i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[constructor]outgoing-response"
  (func $response (param i32 i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[method]outgoing-response.write"
  (func $body (param i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[method]outgoing-body.write"
  (func $stream (param i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[static]outgoing-body.finish"
  (func $finish (param i32 i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[static]response-outparam.set"
  (func $set (param i32 i32 i32 i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[resource-drop]incoming-request"
  (func $drop-request (param i32)))
(import "wasi:io/streams@0.2.0-rc-2023-10-18" "[resource-drop]output-stream"
  (func $drop-stream (param i32)))
(import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]output-stream.blocking-write-and-flush"
  (func $write (param i32 i32 i32 i32)))
(data (i32.const 64) "a line\0a")
(data (i32.const 80) "\40\00\00\00\07\00\00\00")
(data (i32.const 96) "x-from")
(data (i32.const 104) "2023")
(data (i32.const 112) "\60\00\00\00\06\00\00\00\68\00\00\00\04\00\00\00")
(func (export "wasi:http/incoming-handler@0.2.0-rc-2023-10-18#handle") (param i32 i32)
  (local $response i32) (local $body i32) (local $stream i32)
  (call $drop-request (local.get 0))
  (drop (call $fd-write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 0)))
  (local.set $response
    (call $response (i32.const 202) (call $fields (i32.const 112) (i32.const 1))))
  (call $body (local.get $response) (i32.const 0))
  (local.set $body (i32.load (i32.const 4)))
  (call $stream (local.get $body) (i32.const 0))
  (local.set $stream (i32.load (i32.const 4)))
  (call $set (local.get 1) (i32.const 0) (local.get $response) (i32.const 0) (i32.const 0))
  (call $write (local.get $stream) (i32.const 64) (i32.const 6) (i32.const 0))
  (call $drop-stream (local.get $stream))
  (call $finish (local.get $body) (i32.const 0) (i32.const 0)))
