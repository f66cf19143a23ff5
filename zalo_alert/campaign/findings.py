"""What the rules have found in a campaign so far, each problem with its place in the file."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zalo_alert.campaign.form import AudienceForm, CampaignForm, FollowUpForm, MessageForm, RouteForm
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath


class Sending(NamedTuple):
    """What people are sent at once: the alert itself, or what may follow it.

    Args:
        headline: As the file has it.
        text: The same.
        texts_at: Where both stand.
        routes: The ways to people; None where the file names none.
        routes_at: Where they stand.
    """

    headline: str | None
    text: str | None
    texts_at: KeyPath
    routes: Sequence[RouteForm] | None
    routes_at: KeyPath


class Findings:
    """One campaign file under inspection; a field with a fault of shape is absent from the form, and passed over.

    Args:
        document: The file.
        form: What of its shape was sound.
        is_frozen: It is a run's: what is asked of campaigns since it was written is not asked of it, so that it can be resumed.
    """

    def __init__(self, document: Document, form: CampaignForm, *, is_frozen: bool = False) -> None:
        self.document, self.form, self.is_frozen = document, form, is_frozen
        self.problems: list[Problem] = []

    def add(self, path: KeyPath, message: str, at: tuple[int, int] | None = None) -> None:
        """Note a problem of the value at a path, or at another position in it."""
        self.problems.append(self.document.problem(path, message, at))

    def has(self, path: KeyPath) -> bool:
        """Whether something stands at a path, sound or not."""
        return path in self.document.positions

    def concern(self, word: str) -> bool:
        """Whether any problem so far is of a field whose path holds a word."""
        return any(word in problem.field for problem in self.problems)

    @property
    def audience(self) -> AudienceForm:
        """What is sound of the audience."""
        return self.form.audience or AudienceForm()

    @property
    def message(self) -> MessageForm:
        """What is sound of the message."""
        return self.form.message or MessageForm()

    @property
    def alert(self) -> Sending:
        """What is sent first."""
        return Sending(self.message.headline, self.message.text, ("message",), self.form.routes, ("routes",))

    def follow_ups(self) -> Iterator[tuple[FollowUpForm, Sending]]:
        """Yield what may be sent later, the correction and the all-clear, as far as the file has them."""
        for name, form in (("correction", self.form.correction), ("all_clear", self.form.all_clear)):
            if form is not None:
                yield form, Sending(form.headline, form.text, (name,), form.routes, (name, "routes"))
