"""The errors that reach a person: each message is the sentence that is shown, in one line."""


class ResidencyError(Exception):
    """Something a person asked for can't be done; the message says what, why and what is allowed."""


class DefinitionError(ResidencyError):
    """A program, form or cohort file has faults; the message lists all of them, one a line."""


class RefusedError(ResidencyError):
    """An action was refused by the residency; nothing has changed.

    `code` is the refusal as the workflow gave it, for programs that want to tell them apart.
    """

    def __init__(self, message: str, *, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class UnconfirmedError(ResidencyError):
    """An action was taken but its record was not confirmed in time; asking again with its id is safe."""

    code = "unconfirmed"


class UnavailableError(ResidencyError):
    """A part that is needed (Temporal server, database, disk) can't be reached now."""
