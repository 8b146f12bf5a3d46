"""How things are shown in a notebook: functions from data to media types, that run nothing."""
