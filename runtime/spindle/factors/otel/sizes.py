"""Sizes of ids in bytes, as OTLP and W3C's trace context have them."""

TRACE_ID, SPAN_ID = 16, 8
