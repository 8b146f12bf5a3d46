"""Components that are well-formed but wrong, each with a part of the message it deserves."""

INVALID = [
    ("(component (type (list 0)))", "type: type index 0 is out of range: 0 are defined here"),
    ("(component (type (func)) (type (list 0)))", "type: type 0 is not a value type"),
    ("(component (type u8) (type (own 0)))", "type: type 0 is not a resource type"),
    ("(component (type (record)))", "a record needs at least one item"),
    ("(component (type (enum)))", "an enum needs at least one item"),
    (
        '(component (type (record (field "A" u8) (field "a" u8))))',
        "record field name `a` conflicts",
    ),
    ('(component (type (variant (case "a_b"))))', "variant case name `a_b` is not in kebab case"),
    ('(component (type (func (param "a" u8) (param "A" u8))))', "parameter name `A` conflicts"),
    ("(component (type (list u8 0)))", "a fixed-length list needs a length of at least 1"),
    ("(component (type (map f32 u8)))", "a map's key must be a bool, an integer"),
    ('(component (import "a b" (func)))', "import `a b`: `a b` is not a valid import name"),
    ('(component (import "a" (func)) (import "A" (func)))', "import name `A` conflicts with `a`"),
    ('(component (type u8) (import "f" (func (type 0))))', "type 0 is not a function type"),
    ('(component (type u8) (import "i" (instance (type 0))))', "type 0 is not an instance type"),
    (
        "(component (type (instance (type (resource (rep i32))))))",
        "cannot be defined in an instance",
    ),
    (
        "(component (type (resource (rep i64) (dtor (core func 3)))))",
        "core function index 3 is out",
    ),
    ("(component (core instance (instantiate 0)))", "core instance: core module index 0 is out"),
    ("(component (instance (instantiate 0)))", "instance: component index 0 is out of range"),
    (
        '(component (component $c (import "f" (func))) (instance (instantiate $c)))',
        "instance: no argument is given for import `f`",
    ),
    (
        '(component (import "g" (func $g (param "a" u8))) (component $c (import "f" (func)))'
        ' (instance (instantiate $c (with "f" (func $g)))))',
        "argument `f` does not fit: expected `func()`, found `func(a: u8)`",
    ),
    (
        '(component (import "i" (instance $i)) (component $c (import "f" (func)))'
        ' (instance (instantiate $c (with "f" (instance $i)))))',
        "argument `f` does not fit: expected a function, found an instance",
    ),
    (
        '(component (import "i" (instance $i (export "f" (func))))'
        ' (component $c (import "x" (instance (export "f" (func)) (export "g" (func)))))'
        ' (instance (instantiate $c (with "x" (instance $i)))))',
        "argument `x` does not fit: export `g` is missing",
    ),
    (
        '(component (import "i" (instance $i (export "f" (func (param "a" u8)))))'
        ' (component $c (import "x" (instance (export "f" (func)))))'
        ' (instance (instantiate $c (with "x" (instance $i)))))',
        "argument `x` does not fit: export `f`: expected `func()`, found `func(a: u8)`",
    ),
    (
        '(component (import "i" (instance $i)) (alias export $i "f" (func)))',
        "alias of export `f`: instance 0 has no export `f`",
    ),
    (
        '(component (import "i" (instance $i (export "f" (func)))) (alias export $i "f" (type)))',
        "export `f` is a func, not a type",
    ),
    (
        '(component (core instance $i) (alias core export $i "f" (core func)))',
        "alias of export `f`: core instance 0 has no export `f`",
    ),
    (
        "(component (type $r (resource (rep i32))) (component (alias outer 1 $r (type))))",
        "a type that refers to a resource cannot be aliased by a component",
    ),
    ("(component (core func (canon resource.drop 0)))", "canon resource.drop: type index 0 is out"),
    (
        '(component (import "r" (type $r (sub resource))) (core func (canon resource.new $r)))',
        "type 0 is not a resource defined by this component",
    ),
    ("(component (type u8) (core func (canon stream.new 0)))", "type 0 is not a stream type"),
    (
        '(component (import "f" (func $f)) (core func (canon lower (func $f) (memory 2))))',
        "canon lower: core memory index 2 is out of range",
    ),
    (
        '(component (import "f" (func $f (param "a" u8))) (export "g" (func $f) (func)))',
        "export `g`: the type given does not fit: expected `func()`, found `func(a: u8)`",
    ),
    ('(component (import "a:b/c" (implements "a:b/c") (instance)))', "only a plain name can have"),
    ('(component (import "a" (implements "a:b/c") (func)))', "only an instance can have the attr"),
    ('(component (core type $t (func)) (import "m" (core module (type $t))))', "not a module type"),
    ("(component (type (stream char)))", "a stream of `char` is not supported yet"),
    (
        '(component (import "r" (type $r (sub resource)))'
        " (type (func (result (list (borrow $r))))))",
        "a function's result cannot contain a `borrow`",
    ),
    (
        '(component (import "r" (type $r (sub resource))) (type (future (borrow $r))))',
        "a future cannot contain a `borrow`",
    ),
    ("(component (type (list u64 33554432)))", "a value of this type takes 2^28 bytes or more"),
    ('(component (import "[method]r.f" (instance)))', "a method must be a function"),
    ('(component (import "[static]r.f" (func)))', "no resource `r` is imported before this"),
    (
        '(component (import "r" (type $r (sub resource)))'
        ' (import "[method]r.f" (func (param "it" (borrow $r)))))',
        "a method takes `self: borrow<r>` first",
    ),
    (
        '(component (import "r" (type (sub resource))) (import "[constructor]r" (func)))',
        "a constructor returns `r` or a result of `r`",
    ),
    (
        '(component (import "f" (func $f (param "s" string))) (core func (canon lower (func $f))))',
        "canon lower: option `memory` is missing",
    ),
    (
        '(component (import "f" (func $f)) (core func (canon lower (func $f) async)))',
        "option `async` needs a function type that is `async`",
    ),
    (
        '(component (core module $m (memory (export "m") 1)) (core instance $i (instantiate $m))'
        ' (import "f" (func $f (result string)))'
        ' (core func (canon lower (func $f) (memory (core memory $i "m")))))',
        "option `realloc` is missing",
    ),
    (
        '(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))'
        ' (import "f" (func $f)) (core func (canon lower (func $f)'
        ' (post-return (core func $i "f")))))',
        "option `post-return` is for `canon lift` alone",
    ),
    (
        '(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))'
        ' (func (canon lift (core func $i "f") (callback (core func $i "f")))))',
        "option `callback` needs `async`",
    ),
    (
        "(component (type $s (stream u8)) (core func (canon stream.read $s)))",
        "canon stream.read: option `memory` is missing",
    ),
    (
        '(component (type $e (enum "a")) (import "f" (func (param "e" $e))))',
        "import `f`: it uses an enum that is not imported or exported before it",
    ),
    (
        '(component (type $e (enum "a")) (type $l (list $e)) (export "l" (type $l)))',
        "it uses an enum that is not imported or exported",
    ),
    (
        '(component (type $r (resource (rep i32))) (export $r2 "r" (type $r))'
        ' (import "f" (func (result (own $r2)))))',
        "import `f`: it uses a resource that is not imported or exported before it",
    ),
    (
        '(component (type $e (enum "a")) (import "e" (type $e2 (eq $e)))'
        ' (component (import "f" (func (result $e2)))))',
        "it uses an enum that is not imported or exported",
    ),
    (
        '(component (type (component (type $e (enum "a")) (export "f" (func (param "e" $e))))))',
        "it uses an enum that is not imported or exported",
    ),
    (
        '(component (type $i (instance (type $e (enum "a")) (export "f" (func (param "e" $e)))))'
        ' (import "i" (instance (type $i))))',
        "it uses an enum that is not imported or exported",
    ),
    (
        '(component (type $i (instance (export "r" (type $r (sub resource)))'
        ' (export "f" (func (result (own $r)))))) (export "i" (type $i)))',
        "export `i`: it uses a resource that is not imported or exported",
    ),
    (
        '(component (type $i (instance (export "j" (instance (type $e (enum "a"))'
        ' (export "e" (type $e2 (eq $e))) (export "f" (func (param "e" $e2)))))))'
        ' (import "i" (type (eq $i))))',
        "import `i`: it uses an enum that is not imported or exported",
    ),
    (
        '(component (type $r (record (field "x" u8))) (export "r" (type $r))'
        ' (import "f" (func (param "r" $r))))',
        "import `f`: it uses a record that is not imported or exported before it",
    ),
    (
        '(component (type $e (enum "a")) (import "e" (type (eq $e)))'
        ' (import "f" (func (param "e" $e))))',
        "import `f`: it uses a type by the index of its definition",
    ),
    (
        '(component (type $e (enum "a")) (import "e" (type (eq $e))) (type $l (list $e))'
        ' (type $m (map string $l)) (type $o (result (error $m))) (import "o" (type (eq $o))))',
        "import `o`: it uses a type by the index of its definition",
    ),
    (
        '(component (type $v (variant (case "a" u8))) (export "v" (type $v))'
        ' (type $t (tuple u8 $v)) (type $s (stream $t)) (export "s" (type $s)))',
        "export `s`: it uses a type by the index of its definition",
    ),
    (
        '(component (type $r (resource (rep i32))) (export "r" (type $r))'
        ' (core module $m (func (export "f") (result i32) unreachable))'
        " (core instance $i (instantiate $m))"
        ' (func $f (result (own $r)) (canon lift (core func $i "f"))) (export "f" (func $f)))',
        "export `f`: it uses a type by the index of its definition",
    ),
    (
        "(component (type $r (resource (rep i32)))"
        ' (core module $m (func (export "f") (result i32) unreachable))'
        " (core instance $i (instantiate $m))"
        ' (func $f (result (own $r)) (canon lift (core func $i "f")))'
        ' (instance (export "r" (type $r)) (export "[constructor]r" (func $f))))',
        "`[constructor]r`: a resource has no name in an inline instance",
    ),
]
