"""What the rules have found in a campaign so far, each problem with its place in the file."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from zalo_alert.campaign.form import AudienceForm, CampaignForm, FollowUpForm, MessageForm, RouteForm, TranslationForm
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.models import FieldValue

MAX_LANGUAGES = 20  # twice as many as there are


class Sending(NamedTuple):
    """What people are sent at once: the alert itself, or what may follow it.

    Args:
        headline: As the file has it.
        text: The same.
        texts_at: Where both stand.
        routes: The ways to people; None where the file names none.
        routes_at: Where they stand.
        languages: What stands below the text, by language.
    """

    headline: str | None
    text: str | None
    texts_at: KeyPath
    routes: Sequence[RouteForm] | None
    routes_at: KeyPath
    languages: Mapping[str, TranslationForm] | None


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
        self.fields: Mapping[str, FieldValue | None] = {}  # the campaign's own; None for one with a fault, which is told once

    @property
    def sound_fields(self) -> Mapping[str, FieldValue]:
        """The campaign's own fields, as far as they can be shown."""
        return {name: value for name, value in self.fields.items() if value is not None}

    def add(self, path: KeyPath, message: str, at: tuple[int, int] | None = None) -> None:
        """Note a problem of the value at a path, or at another position in it."""
        self.problems.append(self.document.problem(path, message, at))

    def has(self, path: KeyPath) -> bool:
        """Whether something stands at a path, sound or not."""
        return path in self.document.positions

    def languages(self) -> Iterator[tuple[KeyPath, Mapping[str, TranslationForm]]]:
        """Yield the texts in other languages, by where they stand: those of the message, of variants, of what may follow.

        Of each no more than somebody could mean: `check_languages` tells that there are others.
        """
        parts: list[tuple[KeyPath, Mapping[str, TranslationForm] | None]] = [(("message",), self.message.languages)]
        parts += [(("variants", number), each.languages) for number, each in enumerate(self.form.variants or ())]
        parts += [(sending.texts_at, sending.languages) for _form, sending in self.follow_ups()]
        return (
            ((*path, "languages"), dict(islice(languages.items(), MAX_LANGUAGES)))
            for path, languages in parts
            if languages is not None
        )

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
        message = self.message
        return Sending(message.headline, message.text, ("message",), self.form.routes, ("routes",), message.languages)

    def follow_ups(self) -> Iterator[tuple[FollowUpForm, Sending]]:
        """Yield what may be sent later, the correction and the all-clear, as far as the file has them."""
        for name, form in (("correction", self.form.correction), ("all_clear", self.form.all_clear)):
            if form is not None:
                yield form, Sending(form.headline, form.text, (name,), form.routes, (name, "routes"), form.languages)
