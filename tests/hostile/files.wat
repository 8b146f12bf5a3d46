;; A command that does what it is asked with files and prints the error number, then what it read.
;; Arguments: `r PATH` reads, `w PATH` creates and writes, `s TARGET PATH` makes a symbolic link,
;; `l OLD NEW` a hard link, `m OLD NEW` renames, `i` reads standard input, `d FD` reads a descriptor.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink"
    (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_link"
    (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename"
    (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 0: arguments; 64: one vector; 80: a descriptor; 84: a count; 88: three digits and a space;
  ;; 128: the head; 1024: the arguments' text; 32768: what was read.
  (data (i32.const 128) "content-type: text/plain\n\n")
  (func $arg (param $n i32) (result i32)
    (i32.load (i32.mul (local.get $n) (i32.const 4))))
  (func $length (param $at i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $at))
    (block $done (loop $again
      (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
      (local.set $end (i32.add (local.get $end) (i32.const 1)))
      (br $again)))
    (i32.sub (local.get $end) (local.get $at)))
  (func $vector (param $at i32) (param $size i32) (result i32)
    (i32.store (i32.const 64) (local.get $at))
    (i32.store (i32.const 68) (local.get $size))
    (i32.const 64))
  (func $print (param $at i32) (param $size i32)
    (drop (call $write (i32.const 1) (call $vector (local.get $at) (local.get $size))
      (i32.const 1) (i32.const 84))))
  (func $open-path (param $flags i32) (param $rights i64) (result i32)
    (call $open (i32.const 3) (i32.const 1) (call $arg (i32.const 2))
      (call $length (call $arg (i32.const 2))) (local.get $flags) (local.get $rights)
      (i64.const 0) (i32.const 0) (i32.const 80)))
  (func $read-from (param $fd i32) (result i32)
    (local $errno i32)
    (local.set $errno (call $read (local.get $fd)
      (call $vector (i32.const 32768) (i32.const 4096)) (i32.const 1) (i32.const 84)))
    (i32.store (i32.const 92)
      (select (i32.const 0) (i32.load (i32.const 84)) (local.get $errno)))
    (local.get $errno))
  (func $digit (param $at i32) (param $value i32)
    (i32.store8 (local.get $at)
      (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10)))))
  (func $run (param $what i32) (result i32)
    (local $errno i32)
    (if (i32.eq (local.get $what) (i32.const 0x72)) (then ;; r
      (local.set $errno (call $open-path (i32.const 0) (i64.const 2)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (return (call $read-from (i32.load (i32.const 80))))))
    (if (i32.eq (local.get $what) (i32.const 0x77)) (then ;; w
      (local.set $errno (call $open-path (i32.const 1) (i64.const 64)))
      (if (local.get $errno) (then (return (local.get $errno))))
      (return (call $write (i32.load (i32.const 80))
        (call $vector (i32.const 128) (i32.const 7)) (i32.const 1) (i32.const 84)))))
    (if (i32.eq (local.get $what) (i32.const 0x73)) (then ;; s
      (return (call $symlink
        (call $arg (i32.const 2)) (call $length (call $arg (i32.const 2))) (i32.const 3)
        (call $arg (i32.const 3)) (call $length (call $arg (i32.const 3)))))))
    (if (i32.eq (local.get $what) (i32.const 0x6c)) (then ;; l
      (return (call $link (i32.const 3) (i32.const 0)
        (call $arg (i32.const 2)) (call $length (call $arg (i32.const 2))) (i32.const 3)
        (call $arg (i32.const 3)) (call $length (call $arg (i32.const 3)))))))
    (if (i32.eq (local.get $what) (i32.const 0x6d)) (then ;; m
      (return (call $rename (i32.const 3)
        (call $arg (i32.const 2)) (call $length (call $arg (i32.const 2))) (i32.const 3)
        (call $arg (i32.const 3)) (call $length (call $arg (i32.const 3)))))))
    (if (i32.eq (local.get $what) (i32.const 0x69)) (then ;; i
      (return (call $read-from (i32.const 0)))))
    (if (i32.eq (local.get $what) (i32.const 0x64)) (then ;; d
      (return (call $read-from
        (i32.sub (i32.load8_u (call $arg (i32.const 2))) (i32.const 48))))))
    (unreachable))
  (func (export "_start")
    (local $errno i32)
    (drop (call $sizes (i32.const 64) (i32.const 68)))
    (drop (call $args (i32.const 0) (i32.const 1024)))
    (local.set $errno (call $run (i32.load8_u (call $arg (i32.const 1)))))
    (call $print (i32.const 128) (i32.const 26))
    (call $digit (i32.const 90) (local.get $errno))
    (call $digit (i32.const 89) (i32.div_u (local.get $errno) (i32.const 10)))
    (call $digit (i32.const 88) (i32.div_u (local.get $errno) (i32.const 100)))
    (i32.store8 (i32.const 91) (i32.const 32))
    (call $print (i32.const 88) (i32.const 4))
    (call $print (i32.const 32768) (i32.load (i32.const 92)))))
