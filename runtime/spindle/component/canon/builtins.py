"""The canonical definitions other than `lift` and `lower`, by their names.

Spec: CanonicalABI.md#canonical-definitions.
"""

from __future__ import annotations

from spindle.component.canon.errors import ERROR_CONTEXT_BUILTINS
from spindle.component.canon.making import Maker, Operands
from spindle.component.canon.options import CanonicalOptions
from spindle.component.canon.resources import RESOURCE_BUILTINS
from spindle.component.canon.streams import STREAM_BUILTINS
from spindle.component.canon.tasks import TASK_BUILTINS
from spindle.component.canon.threads import THREAD_BUILTINS
from spindle.component.canon.waitables import WAITABLE_BUILTINS
from spindle.component.instance import ComponentInstance
from spindle.component.trampoline import Trampoline
from spindle.wasm.canonical import CanonBuiltin

BUILTINS: dict[str, Maker] = {
    **RESOURCE_BUILTINS,
    **TASK_BUILTINS,
    **WAITABLE_BUILTINS,
    **STREAM_BUILTINS,
    **ERROR_CONTEXT_BUILTINS,
    **THREAD_BUILTINS,
}


def builtin(
    inst: ComponentInstance,
    definition: CanonBuiltin,
    operands: Operands,
    opts: CanonicalOptions,
) -> Trampoline:
    """The trampoline of a canonical definition."""
    return BUILTINS[definition.name](inst, definition, operands, opts)
