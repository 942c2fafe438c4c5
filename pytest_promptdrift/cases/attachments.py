"""Files that go into a request: found, measured and named once per load.

The media type is told by the first bytes where they tell it, else by the ending, from a table of
our own: the system's table differs between machines, and the type is part of the request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift.model import Attachment, Part

from .source import unreadable

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 20 * 1024 * 1024
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ENDINGS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".html": "text/html",
    ".htm": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".py": "text/x-python",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".rtf": "application/rtf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_LFS = b"version https://git-lfs"


class AttachmentProblemError(Exception):
    """A file that cannot be attached, and why."""


class Attachments:
    """The attached files of one case file; each is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Attachment] = {}

    def part(self, name: str, use: Literal["image", "file"] | None) -> Part:
        """Return a file as part of a message; without ``use`` its content decides.

        Raises AttachmentProblemError.
        """
        attachment = self._known.get(name)
        if attachment is None:
            attachment = self._known[name] = _read(self._folder / name)
        is_image = attachment.media_type in IMAGES
        if use == "image" and not is_image:
            msg = f"{name!r} is no png, jpeg, gif or webp image ({attachment.media_type})"
            raise AttachmentProblemError(msg)
        image = use == "image" or (use is None and is_image)
        return Part(image=attachment) if image else Part(file=attachment)


def _read(path: Path) -> Attachment:
    if reason := unreadable(path):
        raise AttachmentProblemError(reason)
    size = path.stat().st_size
    if size > LARGEST:
        found = f"{size / 1024 / 1024:.1f} MB"
        msg = f"{path.name!r} has {found}; the most is {LARGEST // 1024 // 1024} MB"
        raise AttachmentProblemError(msg)
    data = path.read_bytes()
    if not data:
        msg = f"{path.name!r} is empty"
        raise AttachmentProblemError(msg)
    if data.startswith(_LFS):
        msg = f"{path.name!r} is a Git LFS pointer, not the file itself; run git lfs pull"
        raise AttachmentProblemError(msg)
    return Attachment(
        path=str(path.resolve()),
        sha256=digest_bytes(data),
        media_type=media_type(path.name, data),
        size=len(data),
        name=path.name,
    )


def media_type(name: str, data: bytes) -> str:
    """Return the media type of a file from its first bytes, or else from its name."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    kind = _ENDINGS.get(ending, "application/octet-stream")
    # a name cannot make an image of something that does not begin like one
    return "application/octet-stream" if kind in IMAGES else kind
