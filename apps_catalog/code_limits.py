"""How large code may be, and how it is tidied and measured before it is kept. One place for forms and manifests."""

from django.core.exceptions import ValidationError

# Characters of one component's code, in the editor and in a manifest.
MAX_CODE = 200_000
TOO_LARGE = (
    "The code has {length:,} characters; {limit:,} are allowed. Nothing was cut off: shorten it, or load a library "
    "from your own site instead of carrying it along."
)
NUL = "The code holds a character that no text may hold (NUL), at line {line:,}. Remove it; it may be invisible."
LONE = "The code holds half a character at line {line:,}, as a broken copy leaves. Type that line again."


def tidy_code(text: str) -> str:
    """Line ends as the editor counts them: browsers send carriage returns too. A byte order mark goes."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def check_code(code: str) -> str:
    """The code as it is kept. Raises ValidationError with a sentence for the person; the text is left alone."""
    code = tidy_code(code)
    if len(code) > MAX_CODE:
        raise ValidationError(TOO_LARGE.format(length=len(code), limit=MAX_CODE), code="large")
    if (at := code.find("\0")) >= 0:
        raise ValidationError(NUL.format(line=code.count("\n", 0, at) + 1), code="nul")
    try:
        code.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(LONE.format(line=code.count("\n", 0, error.start) + 1), code="half") from None
    return code


def read_code_file(data: bytes) -> str:
    """The text of an uploaded file. Raises ValidationError for what is no UTF-8."""
    try:
        return check_code(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValidationError(
            f"The file is not a text in UTF-8 (byte {error.start + 1:,}). Save it again in that encoding.",
            code="encoding",
        ) from None
