"""Exchanges as text for other tools; pure functions of documents.

    export_exchanges(documents, "curl")

What authorizes is masked unless it is asked for. Whatever is in an exchange, a text does no more
than send the request when somebody runs it.
"""

from spindle.history.exports.exporting import FORMATS, CannotExport, export_exchanges

__all__ = ["FORMATS", "CannotExport", "export_exchanges"]
