"""Why a Word file is refused: each reason's code, what it says, what to do.

The one table of the readers of Word; they say where.
"""

from __future__ import annotations

from typing import NoReturn

from letters.problem import DraftUnreadable

_SAVE_AGAIN = "Open it in Word, save it under a new name, and submit that."
_SAVE_AS_DOCUMENT = "Open it in Word and save it as a Word Document (.docx)."
_OTHER_FILE = "See whether it is the right file: a letter is a few pages of text."
_TYPE_IT = "Delete it, and write in words what the letter is to say."

REFUSALS = {
    # The file.
    "word-file-old-or-locked": (
        "This is an old Word file (.doc), or one that a password protects.",
        "In Word, take the password off (File > Info > Protect Document), and save it as a Word"
        " Document (.docx).",
    ),
    "word-not-a-document": ("This is no Word file, whatever its name says.", _SAVE_AS_DOCUMENT),
    "word-template": (
        "This is a Word template, not a document.",
        "In Word, make a new document from it and save that as a Word Document (.docx).",
    ),
    "word-strict-format": (
        "The file is in Word’s “Strict Open XML” format, which is not read.",
        "In Word, save it as a Word Document (.docx), not a Strict Open XML Document.",
    ),
    "word-package-damaged": (
        "The file is damaged: not all that belongs to it can be unpacked.",
        _SAVE_AGAIN,
    ),
    "word-package-too-many-parts": ("The file has more than {most:,} parts.", _OTHER_FILE),
    "word-package-too-large": ("Unpacked, it has more than {most:,} bytes.", _OTHER_FILE),
    "word-package-ratio": ("It unpacks to more than {most} times its size.", _OTHER_FILE),
    "word-package-part-name": (
        "A part’s name leads out of the file, or two parts have the same name.",
        _SAVE_AGAIN,
    ),
    "word-package-encrypted": ("A part is encrypted.", _SAVE_AGAIN),
    "word-package-compression": ("A part is packed in a way that Word doesn’t use.", _SAVE_AGAIN),
    "word-xml-invalid": ("A part is damaged: it is no well-formed XML.", _SAVE_AGAIN),
    "word-xml-encoding": ("A part is not written in UTF-8, as Word writes it.", _SAVE_AGAIN),
    "word-xml-doctype": (
        "A part declares a document type or entities: no Word file has them.",
        "Find out where the file comes from. Copy its text into a new document, and submit that.",
    ),
    "word-macros": (
        "The file holds macros.",
        "Save it in Word as a Word Document (.docx), which has none.",
    ),
    "word-embedded-object": ("Another file or a control is embedded in the document.", _TYPE_IT),
    "word-outside-content": (
        "The document fetches something from outside when it is opened: {kind} from “{target}”.",
        "Break the link in Word (File > Info > Edit Links to Files). If it is a template, attach"
        " Normal.dotm instead (Developer > Document Template).",
    ),
    "word-inserted-file": (
        "Another file is to be put into the document: its words can’t be read here.",
        "Open it in Word, which puts the words in; save it under a new name, and submit that.",
    ),
    # What stands in it.
    "word-table": (
        "A table stands in the document.",
        "Click into it, and turn it into text in Word (Table Layout > Convert to Text).",
    ),
    "word-tracked-changes": (
        "The document has tracked changes.",
        "In Word, accept or reject them (Review > Accept > Accept All Changes), and save it.",
    ),
    "word-comments": (
        "The document has comments.",
        "In Word, answer and delete them (Review > Delete > Delete All Comments), and save it.",
    ),
    "word-text-box": (
        "A text box or frame stands in the document: nothing says where its words belong.",
        "Move its words into the text, and delete it.",
    ),
    "word-picture": ("A picture or drawing stands in the document.", _TYPE_IT),
    "word-equation": ("An equation stands in the document.", _TYPE_IT),
    "word-field": (
        "A field stands in the document, and what it shows may change: {field}.",
        "Click on it and press Ctrl+Shift+F9: Word turns it into text.",
    ),
    "word-placeholder": (
        "A field of the form is not filled in: “{text}”.",
        "Write what belongs there, or delete it.",
    ),
    "word-hidden-text": (
        "Words are hidden here, or too small or too white to be seen: “{text}”.",
        "Delete them, or show them (Ctrl+D: no Hidden, colour Automatic, a common size).",
    ),
    "word-struck-text": (
        "Words are struck through here: “{text}”.",
        "Delete them, or take the line off (Ctrl+D).",
    ),
    "word-symbol": (
        "A sign of a symbol font stands here, which is another one in the letter’s font.",
        "Delete it, or type a common sign in its place.",
    ),
    "word-numbering": (
        "The numbers of this list are not simple ones (1, 2, 3).",
        "Type the numbers as text, or make it a list of bullets.",
    ),
    "word-content-unknown": (
        "Something stands here that is not read: {name}.",
        "Copy the words into a new document with Keep Text Only, and submit that.",
    ),
    "word-too-long": ("{which} has more than {most:,} {what}.", _OTHER_FILE),
}


def refuse(
    code: str, where: str, *, cause: BaseException | None = None, **values: object
) -> NoReturn:
    """Refuse the draft; `values` go into the message. Raises DraftUnreadable."""
    message, remedy = REFUSALS[code]
    raise DraftUnreadable(
        message.format(**values), where=where, remedy=remedy, code=code
    ) from cause
