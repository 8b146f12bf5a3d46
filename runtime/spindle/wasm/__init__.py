"""Reading WebAssembly binaries, core and component, without an engine.

`decoder.decode` gives a component as a tree of `definitions`; `validator.resolve` gives the tree's
index spaces and `types` meaning; `wit_binary.read_wit` finds worlds and packages, which
`wit.render_wit` prints; `modules.read_module` sums up a core module, `outline.read_outline` any
file. Importing this package imports none of them: a host with a cached plan needs the types only.
"""
