"""Which error of several tasks is the one to raise."""

from zalo_alert.errors import ZaloAlertError


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Pick one of a task group's errors: the first that a person can act on, else the first bug with its own traceback."""
    ours, others = group.split(ZaloAlertError)
    error: BaseException = ours or others or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
