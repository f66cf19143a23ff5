"""The language of people: sentences, numbers, days and spans that are English as text and can be said in another language.

Owns the catalogues. Knows nothing of alerts; everything that a person reads is made with `_`, and said by whoever shows it.
"""

from zalo_alert.language.catalogue import Catalogue, Language, catalogue_of, choose
from zalo_alert.language.formats import count, decimal, moment, persons, rate, span
from zalo_alert.language.sentences import Joined, Marked, Phrase, Sentence, _, _n, joined, pack, said_in, unpack

__all__ = [
    "Catalogue", "Joined", "Language", "Marked", "Phrase", "Sentence", "_", "_n", "catalogue_of", "choose", "count", "decimal",
    "joined", "moment", "pack", "persons", "rate", "said_in", "span", "unpack",
]  # fmt: skip
