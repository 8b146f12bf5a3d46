"""The control protocol as data: what each method takes and answers, and what is told of events.

The JSON schema (`control_schema`) and the reference page (`control_page`) are made of it.
"""

from spindle.client.protocol.documents import DOCUMENTS
from spindle.client.protocol.events import EVENTS
from spindle.client.protocol.methods import METHODS, Method
from spindle.client.protocol.page import control_page
from spindle.client.protocol.schema import control_schema

__all__ = ["DOCUMENTS", "EVENTS", "METHODS", "Method", "control_page", "control_schema"]
