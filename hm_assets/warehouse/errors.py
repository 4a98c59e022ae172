"""Expected faults. Each message names the file or table, the value, and the way out."""


class HmAssetsError(Exception):
    """A fault that a person can mend; the command line prints its message without a traceback."""


class WarehouseError(HmAssetsError):
    """A table, model or identity file is missing, unreadable or not what was recorded."""


class ContractError(HmAssetsError):
    """A table does not have the columns or values that its registry entry promises."""


class LandingError(HmAssetsError):
    """A delivered file cannot be read as what its name says it is."""


def first_line(error: Exception) -> str:
    """What an error of a library says before its stack; its kind where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]
