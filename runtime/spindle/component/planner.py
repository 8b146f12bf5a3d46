"""From a component's tree to its plan: instantiation, interpreted once and ahead of time.

Think of a component as a function: its imports are parameters, its definitions are the body's
statements in order, its exports are what it returns. Instantiating a nested component is a call,
for which there is a `Frame` with index spaces of its own. This interpreter runs the root's body
with symbolic imports. Whatever merely moves things around (aliases, inline exports, nested
instances) happens here and now; whatever must happen at run time is written down in the plan.

The component has been validated: an index or a name that leads nowhere is a bug of ours.

Spec: Explainer.md, Binary.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spindle.component.plan import (
    Builtin,
    CoreInstantiation,
    ExportedFunc,
    ExportedInstance,
    ExportPlan,
    FuncPlan,
    GuestResource,
    HostResource,
    ImportedFunc,
    LiftedFunc,
    Lowering,
    ModulePlan,
    OptionsPlan,
    Plan,
    TrampolinePlan,
)
from spindle.component.linking import LinkError
from spindle.wasm.decoder import Buffer, decode
from spindle.wasm.definitions import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    CanonBuiltin,
    CanonLift,
    CanonLower,
    CanonOptions,
    Component,
    CoreInlineExports,
    CoreInstantiate,
    CoreModule,
    CoreTypeDef,
    CustomSection,
    Definition,
    Export,
    ImportDecl,
    InlineExports,
    Instantiate,
    ModuleTypeDef,
    ResourceDef,
    Sort,
    Start,
    TypeDef,
    ValueDef,
)
from spindle.wasm.modules import read_module
from spindle.wasm.scopes import Scope
from spindle.wasm.type_resolver import resolve_valtype
from spindle.wasm.types import ExternType, FuncType, InstanceType, ResourceType, SubResource, TypeEq
