"""What a host counts of its exchanges, and what its process takes.

`histogram` and `rate` count one thing each, `tally` has both for one kind of exchanges, `counting`
listens to the bus and keeps a tally for each route and component; `process` asks the system.
"""

from spindle.dev.statistics.counting import Counting, Key
from spindle.dev.statistics.histogram import Histogram
from spindle.dev.statistics.process import Process, process_now
from spindle.dev.statistics.rate import WINDOW, Rate
from spindle.dev.statistics.tally import Tally, together

__all__ = [
    "WINDOW",
    "Counting",
    "Histogram",
    "Key",
    "Process",
    "Rate",
    "Tally",
    "process_now",
    "together",
]
