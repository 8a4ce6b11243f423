"""From the bytes of a file to its text: the encodings that tables come in, and files that are no table."""

from __future__ import annotations

import codecs
import gzip
import unicodedata
import zlib
from pathlib import Path

from mchepi.intake.findings import DataError, Finding, did_you_mean, file_error, shown_path

_SAVE_AS_CSV = 'Open it in the spreadsheet and save the sheet as "CSV UTF-8", then give that file.'
_SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods"}
_SIGNATURES = (
    (b"PK\x03\x04", "a spreadsheet or zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
    (b"%PDF", "a PDF"),
)
_GZIP = b"\x1f\x8b"
_WITH_MARK = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path) -> tuple[str, list[Finding]]:
    """Read a text file in UTF-8, UTF-16 with a byte order mark, or GB18030; also one packed by gzip.

    Returns
    -------
    text : str
        Without a byte order mark.
    notes : list of Finding
        The encoding, where it is not UTF-8.

    Raises
    ------
    DataError
        If the file is not there, cannot be read, is empty, is no text, or is a spreadsheet.
    """
    file = shown_path(path)
    data = _bytes(path, file)
    for mark, encoding in _WITH_MARK:
        if data.startswith(mark):
            return _with_mark(data, encoding, file)
    kind = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)
    if kind or path.suffix.lower() in _SPREADSHEETS:
        raise _refusal(file, "a CSV file", kind or f"a file called {path.suffix}", _SAVE_AS_CSV)
    if b"\x00" in data:
        raise _refusal(file, "text", "binary data", _SAVE_AS_CSV)
    if data.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise _refusal(file, "a CSV file", "a web page or XML", _SAVE_AS_CSV)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _without_mark(data, error, file)


def _bytes(path: Path, file: str) -> bytes:
    if path.is_dir():
        raise _refusal(file, "a file", "a folder", "Give the file, or a folder that holds a dataset.")
    if not path.exists():
        known = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        fix = did_you_mean(path.name, known) + "Check the path."
        raise _refusal(file, "a file that exists", "nothing there", fix)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refusal(
            file, "a file that can be read", str(error.strerror), "Close it elsewhere, or check its rights."
        ) from None
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            found = "a packed file that is damaged"
            raise _refusal(file, "a whole file", found, "Copy it again.") from None
    if not data.strip():
        raise _refusal(file, "a table", "an empty file", "Export or save it again.")
    return data


def _with_mark(data: bytes, encoding: str, file: str) -> tuple[str, list[Finding]]:
    name = "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
    text = data.decode(encoding, errors="replace")
    broken = [text.index(character) for character in _strange_in(text) if not _is_private(character)]
    if broken:
        found = f"something else in line {text.count(chr(10), 0, min(broken)) + 1}"
        raise _refusal(file, f"{name} throughout, as its first bytes say", found, _SAVE_AS_CSV)
    if not text.strip():
        raise _refusal(file, "a table", "an empty file", "Export or save it again.")
    return text, [_encoding_note(file, name)] if name == "UTF-16" else []


def _without_mark(data: bytes, error: UnicodeDecodeError, file: str) -> tuple[str, list[Finding]]:
    line = data.count(b"\n", 0, error.start) + 1
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    whole = sum(character > "\x7f" for character in lenient) - broken
    # UTF-8 with a few broken bytes would decode as GB18030 too, into other characters.
    if whole <= broken:
        text = data.decode("gb18030", errors="replace")
        if not _strange_in(text):
            return text, [_encoding_note(file, "GB18030")]
    found = f"a byte that fits none of them in line {line}"
    raise _refusal(file, "text in UTF-8, UTF-16 or GB18030", found, _SAVE_AS_CSV)


def _strange_in(text: str) -> list[str]:
    """Characters that tables do not hold: faults of decoding, unassigned, for private use, controls."""
    kinds = ("Co", "Cn", "Cs", "Cc")
    return [
        character
        for character in sorted(set(text))
        if character == "\ufffd" or (unicodedata.category(character) in kinds and not character.isspace())
    ]


def _is_private(character: str) -> bool:
    """Whether a font's own character: some rare names need them, but by chance they mean a wrong encoding."""
    return unicodedata.category(character) == "Co"


def _encoding_note(file: str, name: str) -> Finding:
    fix = 'Nothing to do; "CSV UTF-8" is safest for exchange.'
    return Finding(file, None, None, None, "encoding", "note", f"was read as {name}", fix)


def _refusal(file: str, rule: str, got: str, fix: str) -> DataError:
    return DataError([file_error(file, "file", f"must be {rule}; got {got}", fix)])
