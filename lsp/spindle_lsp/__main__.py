"""`python -m spindle_lsp`: what `spindle lsp` does, for editors that know an interpreter."""

import sys

from spindle_lsp.verb import command

if __name__ == "__main__":
    sys.exit(command(standalone_mode=False))
