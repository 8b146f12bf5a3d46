"""How front ends find a running host and talk to it.

    with connect(find_host("app/")) as host:
        host.call("host/info")

Hosts announce themselves by run files and answer JSON-RPC 2.0 on their control endpoint.
"""

from spindle.client.connection import CallFailed, Connection, connect
from spindle.client.discovery import find_host, live_hosts
from spindle.client.framing import Decoder, FramingError, encode_message
from spindle.client.run_file import PROTOCOL, RunFile, run_directory

__all__ = [
    "PROTOCOL",
    "CallFailed",
    "Connection",
    "Decoder",
    "FramingError",
    "RunFile",
    "connect",
    "encode_message",
    "find_host",
    "live_hosts",
    "run_directory",
]
