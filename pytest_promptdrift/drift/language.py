"""Tells the language of an answer from its script and its most frequent words, or says nothing.

Small on purpose: it has to notice that an answer changed its language, not to name every one. None
means unknown, and unknown is never compared.
"""

from __future__ import annotations

import re
from typing import Final

_LOOK_AT = 4000
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
_SCRIPTS: Final = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("cyrillic", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_COMMON: Final = {
    "en": "the and is are of to in for with your you that this it be was were will can not from by"
    " on at as have has we our or if an please within after before their they he she its there"
    " must may all any when how what been would should who which than days day a do does i my",
    "de": "der die das und ist sind nicht von zu mit für sie ihr ihre ihren wir ein eine einen"
    " einem einer dem den des im am auf bei nach aus wird werden können kann haben hat innerhalb"
    " tage tagen oder wenn bitte auch noch nur sich uns unser zum zur vor über ab an es dass um",
    "fr": "le la les et est sont ne pas de des du un une pour avec vous votre vos nous notre dans"
    " sur au aux par qui que ce cette ces il elle ils peut pouvez être avez jours jour ou si plus"
    " après avant dès chez merci toutes tout deux à en son sa ses leur je tous",
    "es": "el la los las y es son no de del un una para con usted su sus en por que se puede"
    " pueden al lo como más esta este estos días dentro o si nuestro nuestra tiene después antes"
    " ha han ser está están le les gracias desde hasta todos",
    "it": "il lo la i gli le e è sono non di del della dei delle un una per con che si può in"
    " nel nella da dal al alla entro giorni suo sua vostro o se più dopo prima ha hanno essere"
    " questo questa come anche grazie tutti",
    "pt": "o a os as e é são não de do da dos das um uma para com você seu sua seus em no na nos"
    " por que se pode podem ao dentro dias ou mais após antes tem foi ser está este esta"
    " obrigado como até todos",
    "nl": "de het een en is zijn niet van voor met u uw we wij ons onze dat dit die in op te kan"
    " kunnen wordt worden binnen dagen of als ook bij naar uit aan om na er maar nog heeft hebben",
    "pl": "i w na z do nie jest są się o od za po dla że to jak lub przez ten ta te być może"
    " można w ciągu dni państwa",
    "sv": "och är inte att det som en ett den för med på av till du din ni er vi kan har inom"
    " dagar eller om från efter vid ska",
    "tr": "ve bir bu için ile da de ne çok daha olarak gün içinde değil var veya siz sizin",
}
_LANGUAGES: Final[dict[str, list[str]]] = {}
for _name, _words in _COMMON.items():
    for _word in frozenset(_words.split()):
        _LANGUAGES.setdefault(_word, []).append(_name)
# What only one of these languages writes counts as a word of it.
_LETTERS: Final = {"ß": "de", "ñ": "es", "ã": "pt", "õ": "pt", "œ": "fr", "ł": "pl", "ğ": "tr"}


def language(text: str) -> str | None:
    """Return a short name of the language of ``text``, or None where that is not certain."""
    text = _CODE.sub(" ", text[:_LOOK_AT])
    letters = len(text) if text.isascii() else sum(map(str.isalpha, text))
    if letters < 2:
        return None
    for name, pattern in () if text.isascii() else _SCRIPTS:
        share = len(pattern.findall(text)) / letters
        if share > (0.15 if name == "ja" else 0.5):
            return name
    words = _WORD.findall(text.casefold())
    return _by_words(words) if len(words) >= 4 else None


def maybe_english(text: str) -> bool:
    """Tell whether no other language fits better; short answers are too short for ``language``."""
    text = _CODE.sub(" ", text[:_LOOK_AT])
    words = _WORD.findall(text.casefold())
    scores = _scores(words)
    return text.isascii() and scores.pop("en") >= max(scores.values())


def _scores(words: list[str]) -> dict[str, float]:
    scores = dict.fromkeys(_COMMON, 0.0)
    for word in words:
        if word in _LANGUAGES:
            for name in _LANGUAGES[word]:
                scores[name] += 1
    text = " ".join(words)
    for letter, name in () if text.isascii() else _LETTERS.items():
        scores[name] += sum(letter in word for word in words)
    return scores


def _by_words(words: list[str]) -> str | None:
    """Return the language most of whose frequent words stand here, when it wins clearly."""
    scores = _scores(words)
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best < 2 or best / len(words) < 0.18:
        return None
    if best < 1.5 * second or best - second < 2:
        # Spanish and Portuguese share words; that it is not English may be certain all the same
        return "not en" if scores["en"] <= 0.25 * best and best / len(words) >= 0.3 else None
    return max(scores, key=lambda name: scores[name])
