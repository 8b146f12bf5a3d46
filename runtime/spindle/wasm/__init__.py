"""Reading WebAssembly binaries, core and component, without an engine.

`decoder.decode` gives a component as a tree of `definitions`; `validator.resolve` gives the tree's
index spaces and `types` meaning; `wit.render_wit` shows them; `modules.read_module` sums up a core
module. Importing this package imports none of them: a host with a cached plan needs the types only.
"""
