"""`python -m spindle.cli`: the command line of this interpreter, wherever its script is."""

from spindle.cli import main

if __name__ == "__main__":
    main()
