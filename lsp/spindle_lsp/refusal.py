"""What an editor is told instead of an answer."""


class Refusal(ValueError):
    """What was asked for can't be done; the message is for people."""
