"""What somebody wrote, out of a mail that also quotes what they answer."""

import re

# The line above a quote, in the languages of the mail programs that we have seen.
_WROTE = re.compile(
    r"^(on\b.{5,200}\bwrote|am\b.{5,200}\bschrieb\b.{0,100}|le\b.{5,200}\ba écrit|el\b.{5,200}\bescribió"
    r"|op\b.{5,200}\bschreef\b.{0,100}|il\b.{5,200}\bha scritto|.{5,120}\bwrote)\s*:$",
    re.IGNORECASE,
)
# Outlook's, and those of forwarded mails.
_RULE = re.compile(
    r"^(-{2,}\s*(original message|ursprüngliche nachricht|forwarded message|message d'origine)\s*-{2,}|_{20,})$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^\*?(from|von|de|sent|gesendet|date|to|an|subject|betreff)\s?:\*?\s", re.IGNORECASE)
_SENT_FROM = re.compile(r"^(sent from my|get outlook for|von meinem .{1,40} gesendet)\b.{0,60}$", re.IGNORECASE)
SIGNATURE = "--"
# A header of a quoted mail is at least so many lines of “Name: value”.
HEADER_LINES = 3


def own_words(text: str) -> str:
    """The text without quoted lines, without what follows a quote's head line, and without the signature."""
    kept: list[str] = []
    lines = [line.rstrip() for line in text.split("\n")]
    for index, line in enumerate(lines):
        if _ends_here(lines, index):
            break
        if not (line.lstrip().startswith(">") or _WROTE.match(line.strip()[:400])):
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _ends_here(lines: list[str], index: int) -> bool:
    """Whether everything from this line on is a signature or somebody else's mail."""
    line = lines[index].strip()
    if line == SIGNATURE or _RULE.match(line) or _SENT_FROM.match(line):
        return True
    if _WROTE.match(line[:400]) or _is_broken_head(lines, index):
        return _only_quotes_follow(lines, index)
    return all(_HEADER.match(each.strip()) for each in lines[index : index + HEADER_LINES] or [""]) and (
        len(lines) - index >= HEADER_LINES
    )


def _is_broken_head(lines: list[str], index: int) -> bool:
    """A head line that the mail program broke in two."""
    if index + 1 >= len(lines):
        return False
    return bool(_WROTE.match(f"{lines[index].strip()} {lines[index + 1].strip()}"[:400]))


def _only_quotes_follow(lines: list[str], index: int) -> bool:
    """Words between or below the marked quotes are an answer, point by point: then only the quotes go."""
    rest = [line.strip() for line in lines[index + 1 :] if line.strip()]
    first = next((number for number, line in enumerate(rest) if line.startswith(">")), None)
    return first is None or not any(_is_answer(line) for line in rest[first:])


def _is_answer(line: str) -> bool:
    return not line.startswith(">") and line != SIGNATURE and not _SENT_FROM.match(line)
