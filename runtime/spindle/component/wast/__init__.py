"""Scripts in the `.wast` format: components, calls of their functions and what must come of them.

`spindle.component.wast.suite` runs many files, each in a process of its own; `runner` runs one.

Spec: test/README.md of the Component Model's repository; the format is that of WebAssembly's
reference interpreter with the component values that `wasmtime wast` takes.
"""
