"""Requests from other tools' texts, as exchange documents that may lack an answer.

    imported = import_requests(text)
    imported.exchanges      # documents
    imported.problems       # what was not understood, each at its line

Reading never fails, reads no file and executes nothing; what can't be understood is said.
"""

from spindle.history.imports.http_file import HttpText, Parsed, Resolve, parse_http
from spindle.history.imports.importing import FORMATS, format_of, import_requests
from spindle.history.imports.reading import Imported, Problem, request_document

__all__ = [
    "FORMATS",
    "HttpText",
    "Imported",
    "Parsed",
    "Problem",
    "Resolve",
    "format_of",
    "import_requests",
    "parse_http",
    "request_document",
]
