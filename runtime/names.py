"""Names of Apps: the slug made from a name (D1), and which names must not be given twice (T31).

Two slugs with the same skeleton look alike to a person, so only one of them may exist. Which slugs and
skeletons are taken is the caller's knowledge.
"""

import re
import unicodedata
from functools import cache

MAX_NAME_LENGTH = 60
MAX_SLUG_LENGTH = 60

# Words that are paths of ours, or that would pass for Segment itself.
RESERVED_WORDS = frozenset(
    """
    about access account accounts admin administrator analytics api app apps assets auth beta billing blog build
    callback catalog categories category company contact create dashboard dashboards delete demo destination
    destinations dev developer developers devcenter docs download edit embed error event events export faq
    favicon feed function functions goto healthz help home image images import index install installs internal
    invitation invitations legal link list live login logout mail media member members new news notifications
    null oauth oauth2 official owner page pages partner partners plugin policies policy preview pricing privacy
    private profile public readyz redirect register request reset review reviewer reviews robots root sandbox
    search security segment segmentio settings signin signout signup sitemap source sources staff static status
    submit submissions subscription support system team terms test tests tracking trust twilio undefined
    unsubscribe update upload user users v1 v1beta waitlist webhook webhooks well-known workspace workspaces
    www
    """.split()
)

# A name with one of these words in it would pass for one of Segment's own.
HOUSE_WORDS = frozenset({"segment", "twilio"})

# Letters without a decomposition that have a usual spelling in ASCII.
_LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n"}
)
# Letters of other scripts that look like a Latin letter, after case folding.
_LOOK_ALIKES = str.maketrans(
    dict(zip("авгеёзіїјкмнопрсѕтухцьԁԛԝһӏ", "abreeziijkmhonpcstyxubdqwhl", strict=True))
    | dict(zip("αβγδεζηικλμνορστυχω", "abydezniklmvopotuxw", strict=True))
    | dict(zip("աոսօցհզյգ", "wnuoghqjq", strict=True))
    | {
        "ƅ": "b",
        "ɑ": "a",
        "ɡ": "g",
        "ɩ": "i",
        "ʀ": "r",
        "ᴏ": "o",
        "ⅼ": "l",
        "ꞵ": "b",
        "ł": "l",
        "ø": "o",
        "đ": "d",
    }
)
# Their capitals look like other letters than the small ones do (Η is an H, η an n).
_CAPITAL_LOOK_ALIKES = str.maketrans(
    dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
    | dict(zip("АВЕЁЅІЇЈКМНОРСТУХ", "ABEESIIJKMHOPCTYX", strict=True))
)
_SAME_SHAPE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "|": "l", "!": "l", "$": "s", "@": "a"})
_PAIRS = (("rn", "m"), ("vv", "w"))
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def slugify_name(name: str) -> str:
    """The slug of a name: lower-case ASCII letters, digits and single hyphens; "" when nothing is left.

    Accents are dropped, and apostrophes vanish (`Raiser's` becomes `raisers`).
    """
    plain = _without_marks(unicodedata.normalize("NFKC", _APOSTROPHES.sub("", name)).lower().translate(_LATIN))
    slug = _NOT_SLUG.sub("-", plain.replace("&", " and ")).strip("-")
    return slug[:MAX_SLUG_LENGTH].rstrip("-")


def skeleton(text: str) -> str:
    """What a name or slug looks like, reduced so that look-alikes fall together.

    Compatibility forms, case, accents, invisible characters, hyphens, underscores and spaces go; letters
    of other scripts, 0/o, 1/i/l, 5/s, rn/m and vv/w are each written as one. For comparison only.
    """
    visible = "".join(char for char in text if unicodedata.category(char) not in _INVISIBLE)
    folded = unicodedata.normalize("NFKC", visible).translate(_CAPITAL_LOOK_ALIKES).casefold()
    shape = _without_marks(_without_marks(folded.translate(_LOOK_ALIKES)).translate(_LOOK_ALIKES))
    shape = "".join(char for char in shape.translate(_SAME_SHAPE) if char.isalnum())
    for pair, one in _PAIRS:
        shape = shape.replace(pair, one)
    return shape


def is_reserved(slug: str) -> bool:
    """Whether a slug is, or looks like, a reserved word."""
    return skeleton(slug) in _reserved_skeletons()


def check_name(name: str) -> list[str]:
    """What speaks against a name, in sentences for the person who typed it; empty when it is fine.

    Whether the name is taken is not known here: compare `skeleton` with the existing ones.
    """
    stripped = name.strip()
    if not stripped:
        return ["Enter the name of your tool, as your customers know it."]
    problems = []
    if len(stripped) > MAX_NAME_LENGTH:
        problems.append(f"Shorten the name to {MAX_NAME_LENGTH} characters at most.")
    if any(unicodedata.category(char) in _INVISIBLE for char in stripped):
        problems.append("The name contains an invisible character. Type it again instead of pasting it.")
    if len(_scripts(stripped)) > 1:
        problems.append("The name mixes alphabets that look alike. Use one alphabet.")
    return problems or _check_slug(slugify_name(stripped))


def _check_slug(slug: str) -> list[str]:
    if len(slug) < 2:
        return ["Use a name with at least two Latin letters or digits: its web address is made from them."]
    if is_reserved(slug):
        return [f"The name “{slug}” is reserved. Use the full name of your tool."]
    if house_words := _house_skeletons() & {skeleton(word) for word in slug.split("-")}:
        word = next(word for word in HOUSE_WORDS if skeleton(word) in house_words)
        return [f"Leave out “{word.capitalize()}”: the catalog already says where your tool works."]
    return []


def is_slug(text: str) -> bool:
    """Whether a text has the form of a slug: lower-case ASCII words joined by single hyphens."""
    return len(text) <= MAX_SLUG_LENGTH and _SLUG.fullmatch(text) is not None


@cache
def _reserved_skeletons() -> frozenset[str]:
    return frozenset(skeleton(word) for word in RESERVED_WORDS)


@cache
def _house_skeletons() -> frozenset[str]:
    return frozenset(skeleton(word) for word in HOUSE_WORDS)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _scripts(text: str) -> set[str]:
    """Which of the alphabets that share shapes occur, by the first word of each letter's Unicode name."""
    names = {unicodedata.name(char, "").split(" ")[0] for char in text if char.isalpha()}
    return names & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"}
