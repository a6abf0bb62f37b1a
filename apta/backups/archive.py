"""The archive: one compressed file, encrypted where a public key is given, with its checksum beside it."""

import gzip
import hashlib
import json
import os
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyrage

from apta.backups import BackupProblem

FORMAT = 1
MANIFEST = "manifest.json"
PLAIN, ENCRYPTED = ".tar.gz", ".tar.gz.age"
CHUNK = 1024 * 1024  # bytes


def recipients_of(keys: Iterable[str], files: Iterable[Path]) -> list[Any]:
    """The public keys of age, given themselves or in files with one a line.

    Raises:
        BackupProblem: one of them is none, or a file cannot be read.
    """
    lines = [*keys]
    for path in files:
        lines += _lines_of(path)
    try:
        return [pyrage.x25519.Recipient.from_str(line) for line in lines]
    except pyrage.RecipientError as problem:
        raise BackupProblem(
            f"A public key cannot be used ({problem}); give one of age, which begins with age1."
        ) from problem


def identities_of(files: Iterable[Path]) -> list[Any]:
    """The private keys of age in files, as age-keygen writes them.

    Raises:
        BackupProblem: one of them is none, or a file cannot be read.
    """
    lines = [line for path in files for line in _lines_of(path)]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as problem:
        raise BackupProblem("A private key cannot be used; it begins with AGE-SECRET-KEY-1.") from problem


def _lines_of(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
    except (OSError, UnicodeDecodeError) as problem:
        raise BackupProblem(f"The file of keys {path} cannot be read: {problem}") from problem
    return [line for line in lines if line and not line.startswith("#")]


def pack(folder: Path, target: Path, recipients: Sequence[Any]) -> int:
    """Write what is in ``folder`` to the file ``target``, with its checksum beside it; its size in bytes.

    It takes its name when it is on the disk as a whole, so that no half of a backup is taken for one.
    """
    plain = folder.with_suffix(PLAIN)
    try:
        with tarfile.open(plain, "w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as archive:
            # First, so that its reader knows what follows.
            archive.add(folder / MANIFEST, MANIFEST)
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.name != MANIFEST:
                    archive.add(path, str(path.relative_to(folder)))
        part = target.with_name(f".{target.name}.part")
        try:
            if recipients:
                pyrage.encrypt_file(str(plain), str(part), list(recipients))
            else:
                _copy(plain, part)
            part.chmod(0o600)
            sum_file = target.with_name(f"{target.name}.sha256")
            sum_file.write_text(f"{sha256_of(part)}  {target.name}\n")
            _to_disk(part)
            _to_disk(sum_file)
            part.rename(target)
            _to_disk(target.parent)
        finally:
            part.unlink(missing_ok=True)
    finally:
        plain.unlink(missing_ok=True)
    return target.stat().st_size


def unpack(source: Path, folder: Path, identities: Sequence[Any]) -> dict[str, Any]:
    """Put what is in the archive ``source`` into the empty ``folder``, after its checksum was compared; its manifest.

    Raises:
        BackupProblem: it is damaged, encrypted for another key, or no backup of a version that is known here.
    """
    sum_file = source.with_name(f"{source.name}.sha256")
    try:
        if sum_file.exists() and sum_file.read_text().split()[:1] != [sha256_of(source)]:
            raise BackupProblem(
                f"{source} is damaged: its checksum is not that of {sum_file.name}. Take another backup."
            )
        plain = source
        if source.name.endswith(ENCRYPTED):
            if not identities:
                raise BackupProblem(f"{source} is encrypted. Name the file with the private key: --identity FILE.")
            plain = folder.with_suffix(PLAIN)
            pyrage.decrypt_file(str(source), str(plain), list(identities))
        with tarfile.open(plain, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        _to_the_end(plain)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except pyrage.DecryptError as problem:
        raise BackupProblem(f"{source} cannot be decrypted: {problem}. It is for another key, or damaged.") from problem
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as problem:
        raise BackupProblem(f"{source} cannot be read as a backup: {problem}") from problem
    finally:
        folder.with_suffix(PLAIN).unlink(missing_ok=True)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupProblem(f"{source} has a format that this version of apta does not read; use a newer one.")
    return manifest


def _to_the_end(plain: Path) -> None:
    """Read a compressed file to its end, where its checksum stands; tar ends earlier.

    Raises:
        gzip.BadGzipFile: it is another one than that of the content.
    """
    with gzip.open(plain) as file:
        while file.read(CHUNK):
            pass


def sha256_of(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        while chunk := read.read(CHUNK):
            written.write(chunk)


def _to_disk(path: Path) -> None:
    """Wait until a file, or what a folder says of its files, is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
