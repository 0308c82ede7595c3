"""What a user can mend."""


class JobError(Exception):
    """Its message names the place and the remedy, and is told without a traceback."""
