"""The Canonical ABI: how component values and calls become core values, memory and core calls.

The specification's abbreviations are used here: `cx` (lifting and lowering context), `opts`
(canonical options), `inst` (component instance), `ft` (function type), `rt` (resource type) and
`rep` (a resource's representation). *Lifting* reads a guest's value, *lowering* writes one.

A type becomes code once: `codec` and `func_codec` generate Python for it, see `form`.

Spec: CanonicalABI.md.
"""
