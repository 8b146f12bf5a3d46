"""Tapes: all that a host tells one instance, recorded, so that it can be told again.

A *recorder* is written while a guest runs; its JSON form is kept with the exchange. A *player*
answers from that, asks nobody, and says what the recording has no answer for.

On a tape are clocks, random bytes, the environment, answers of stores, databases and servers,
variables, and outbound HTTP. Not on it are mounted files, which stay as they are, and raw sockets.
Values of secret variables are not recorded; they are asked for again.
"""

from spindle.factors.tapes.player import Player, Surprise
from spindle.factors.tapes.recorder import Recorder
from spindle.factors.tapes.tape import Tape, put_in
from spindle.factors.tapes.told import by_tape

__all__ = ["Player", "Recorder", "Surprise", "Tape", "by_tape", "put_in"]
