"""Letters that look like others: what a copied page or a wrong keyboard puts in the place of a Vietnamese letter.

Source: Unicode 14.0, confusables.txt, the letters of the first plane that are one letter each; small capitals, hooked and barred
letters of Latin and the small letters of Cyrillic and Greek are ours. Those that Unicode itself holds to be another shape of an
ASCII letter (fullwidth, mathematical, superscript) need no row.
"""

import unicodedata

LOOKALIKES = {
    "A": "ΑАᎪᗅᴀꓮꭺ",
    "a": "ɐɑαа",
    "B": "ƁʙΒВᏴᗷᛒꓐꞴ",
    "b": "ƀƄɓЬвᏏᑲᖯ",
    "C": "ƇϹСᏟⲤꓚ",
    "c": "ƈϲсᴄⲥꮯ",
    "D": "ƊᎠᗞᗪᴅꓓ",
    "d": "ɖɗԁᏧᑯꓒ",
    "E": "ƐΕЕᎬᴇⴹꓰ",
    "e": "ɘɛеҽꬲ",
    "F": "ƑϜᖴꓝꜰꞘ",
    "f": "ƒքẝꞙꬵ",
    "G": "ƓɢԌᏀᏳꓖ",
    "g": "ƍɠɡցᶃ",
    "H": "ĦʜΗНнᎻᕼⲎꓧ",
    "h": "ħɦһհᏂ",
    "I": "ƖǀΙІӀᛁⲒⵏꓲ",
    "i": "ıɩɪιіӏᎥꙇꭵ",
    "J": "ͿЈᎫᒍᴊꓙꞲ",
    "j": "ϳј",
    "K": "ƘΚКᏦᛕⲔꓗ",
    "k": "ĸƙκкᴋ",
    "L": "ŁᏞᒪⳐꓡ",
    "l": "łɫʟ",
    "M": "ΜϺМᎷᗰᛖᴍⲘꓟ",
    "m": "ɱм",
    "N": "ƝɴΝⲚꓠ",
    "n": "ŋƞɲηпոռ",
    "O": "ØƟΟОՕଠዐⲞⵔꓳ",
    "o": "øɔοσоөօഠဝჿᴏᴑⲟꬽ",
    "P": "ƤΡРᏢᑭᴘⲢꓑ",
    "p": "þƥρрⲣ",
    "Q": "ⵕ",
    "q": "ʠԛգզ",
    "R": "ƦɌʀᎡᏒᖇꓣ",
    "r": "ɽɾгᴦⲅꭇꭈꮁ",
    "S": "ЅՏᏕᏚꓢ",
    "s": "ƽʂѕꜱꮪ",
    "T": "ŦƬƮȾΤТᎢᴛⲦꓔ",
    "t": "ŧƭʈτт",
    "U": "ƱɄՍሀᑌꓴ",
    "u": "ɥʊʋμυսᴜꞟꭎꭒ",
    "V": "ѴᏙᐯⴸꓦꛟ",
    "v": "νѵᴠⱱꮩ",
    "W": "ƜԜᎳᏔꓪ",
    "w": "ɯѡԝաᴡꮃ",
    "X": "ΧХᚷⲬⵝꓫꞳ",
    "x": "χхᕁᕽ",
    "Y": "ƳΥУҮᎩᎽⲨꓬ",
    "y": "ƴɣʏγуүყᶌỿꭚ",
    "Z": "ƵΖᏃꓜ",
    "z": "ƶʐᴢꮓ",
    "Đ": "ÐƉᴆ",
    "đ": "ðƌ",
}  # the right letter, and what is taken for it
_RIGHT = {wrong: right for right, wrongs in LOOKALIKES.items() for wrong in wrongs}
_CARON, _BREVE = "\u030c", "\u0306"


def right_letter(char: str) -> str:
    """Return the ASCII or Vietnamese letter or digit that a character looks like; "" where it looks like none.

    Marks stay where a Vietnamese letter has them, and are left out where none has: `ѐ` is `è`, `ä` is `a`.
    """
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    shape = unicodedata.normalize("NFKC", char)
    base, *marks = list(unicodedata.normalize("NFD", shape) or char)
    base = _RIGHT.get(char) or _RIGHT.get(base, base)
    if not base.isascii():
        return base if base in "đĐ" else ""
    if base in "aA" and marks == [_CARON]:
        marks = [_BREVE]
    whole = unicodedata.normalize("NFC", base + "".join(marks))
    return whole if is_vietnamese(whole) else base


def is_vietnamese(text: str) -> bool:
    """Whether a text has only signs of ASCII and letters of the Vietnamese alphabet, composed."""
    return all(char.isascii() or char in VIETNAMESE for char in text)


def _alphabet() -> frozenset[str]:
    vowels = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    toned = (unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in ("", *"\u0300\u0301\u0303\u0309\u0323"))
    return frozenset(letter for letter in (*toned, "đ", "Đ") if not letter.isascii())


VIETNAMESE = _alphabet()  # what it has beside ASCII's letters
