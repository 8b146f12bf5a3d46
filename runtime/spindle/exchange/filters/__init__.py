"""The one grammar by which exchanges are chosen: `status>=500 component:api path~/v1 slow>100ms`.

Pure: a text becomes a `Filter`, which judges summaries, says the same in SQL, and knows whether it
has to look into documents. `complete` proposes how an unfinished text may go on.
"""

from spindle.exchange.filters.completion import Completion, complete
from spindle.exchange.filters.fields import FIELDS, Field
from spindle.exchange.filters.filter import Filter
from spindle.exchange.filters.parser import parse_filter
from spindle.exchange.filters.problems import FilterError

__all__ = ["FIELDS", "Completion", "Field", "Filter", "FilterError", "complete", "parse_filter"]
