"""Steps as commands of the shell: for whoever reads a sentence at it, and for those who are told elsewhere what happened here."""

from zalo_alert.errors import Step, with_steps


def spoken(text: str) -> str:
    """Return a sentence whose steps are commands."""
    return with_steps(text, _command)


def _command(step: Step) -> str:
    if not step.cure:
        return " ".join(_option(name, value) for name, value in step.options)
    words = ["zalo-alert", step.cure.value, step.subject, *(_option(name, value) for name, value in step.options)]
    return f"`{' '.join(filter(None, words))}`"


def _option(name: str, value: str) -> str:
    flag = f"--{name.replace('_', '-')}"
    return f"{flag} {value}" if value else flag
