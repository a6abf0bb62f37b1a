"""The parts of an Office file and how they refer to one another (ECMA-376, part 2)."""

import posixpath
import zipfile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
# The names that the "Strict" form of the standard gives to the same things (ISO/IEC 29500-1, annex A).
STRICT = b"http://purl.oclc.org/ooxml/"
SAME_AS_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
)  # fmt: skip
PARSER_LIMITS = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True}


class Package:
    """The parts of a file that was looked through by ``workplan.imports.files``."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.lower(): name for name in archive.namelist()}

    def xml(self, name: str) -> Any:
        """The root of the part ``name``; ``None`` where there is no such part."""
        stored = self.names.get(name.lstrip("/").lower())
        if stored is None:
            return None
        content = self.archive.read(stored)
        if STRICT in content[:8_192]:
            for strict, usual in SAME_AS_STRICT:
                content = content.replace(strict, usual)
        return etree.fromstring(content, etree.XMLParser(remove_pis=True, **PARSER_LIMITS))

    def relations(self, name: str = "") -> list[tuple[str, str, str]]:
        """To what the part ``name`` refers: id, kind and name of the part. The whole file where none is named."""
        folder, file = posixpath.split(name)
        root = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        found = []
        for relation in root.iter(RELATION) if root is not None else ():
            if relation.get("TargetMode", "").lower() != "external":
                target = relation.get("Target", "")
                where = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = posixpath.basename(relation.get("Type", ""))
                found.append((relation.get("Id", ""), kind, posixpath.normpath(where)))
        return found

    def related(self, kind: str, name: str = "") -> list[str]:
        """The parts of this kind to which the part ``name`` refers."""
        return [where for _, found, where in self.relations(name) if found == kind]

    def title(self) -> str:
        """The title in the properties of the file."""
        for part in self.related("core-properties"):
            root = self.xml(part)
            for element in root if root is not None else ():
                if element.tag == "{http://purl.org/dc/elements/1.1/}title":
                    return (element.text or "").strip()
        return ""
