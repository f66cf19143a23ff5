"""What the rules have found in a campaign so far, each problem with its place in the file."""

from zalo_alert.campaign.form import AudienceForm, CampaignForm, MessageForm
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath


class Findings:
    """One campaign file under inspection; a field with a fault of shape is absent from the form, and passed over.

    Args:
        document: The file.
        form: What of its shape was sound.
    """

    def __init__(self, document: Document, form: CampaignForm) -> None:
        self.document, self.form = document, form
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
