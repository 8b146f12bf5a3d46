"""Running components of the Component Model; knows nothing of Spin.

The specification's abbreviations are used as they stand: `cx` a context of lifting or lowering,
`opts` canonical options, `inst` a component instance, `rep` a resource's representation, `ft` a
function type.
"""
