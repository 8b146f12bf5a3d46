"""The control endpoint: JSON-RPC 2.0 over a socket that only its owner can use.

`answering` turns messages into answers, `feeds` events into notifications; `peer` is one front
end's connection, `endpoint` the socket and how it is found. What the methods are is the host's
affair: `spindle.dev.methods`.
"""

from spindle.dev.control.answering import BadParams, Method, Params
from spindle.dev.control.endpoint import ControlEndpoint
from spindle.dev.control.feeds import Following, Json

__all__ = ["BadParams", "ControlEndpoint", "Following", "Json", "Method", "Params"]
