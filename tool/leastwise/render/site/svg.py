"""Matplotlib's SVG made part of a page: no inline style (the page forbids it), colours of the stylesheet.

What Matplotlib writes as ``style="fill: #123456"`` becomes the attribute ``fill="#123456"``, which any rule
of the stylesheet outranks, so one drawing serves light, dark and print.  An artist's ``gid`` becomes a class.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_REFERRED_TO = re.compile(r"[mphi][0-9a-f]{10}|image[0-9a-f]{10}")
"""Identifiers of markers, clip paths, hatches and images."""
_NUMBERED = re.compile(r".*_[0-9]+")
"""Those of groups, to which nothing refers."""
_UNWANTED = frozenset({f"{_SVG}metadata", f"{_SVG}style"})
_SET_BY_PAGE = frozenset({"font", "font-family", "font-size"})


def embedded(drawing: str, name: str, width: str) -> str:
    """The ``<svg>`` element of a drawing, ready to stand in HTML.

    ``name`` and ``width`` become classes, and keep the identifiers of a page's drawings apart.  It is hidden
    from screen readers: a table beside it says the same.
    """
    root = ET.fromstring(drawing)  # noqa: S314  our own drawing, not a document from outside
    for parent in root.iter():
        for child in [child for child in parent if child.tag in _UNWANTED]:
            parent.remove(child)
    for element in root.iter():
        _attributes(element, f"{name}-{width}")
        element.text, element.tail = (element.text or "").strip(), ""
        element.tag = element.tag.removeprefix(_SVG)
    for marker in root.findall(".//defs/path"):  # takes its colours from where it is used
        marker.attrib.pop("fill", None)
        marker.attrib.pop("stroke", None)
    view = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update(
        {"viewBox": view, "class": f"chart {name} {width}", "aria-hidden": "true", "focusable": "false"}
    )
    return ET.tostring(root, encoding="unicode")


def _attributes(element: ET.Element, name: str) -> None:
    for declaration in element.attrib.pop("style", "").split(";"):
        attribute, colon, value = declaration.partition(":")
        if colon and attribute.strip() not in _SET_BY_PAGE:
            element.set(attribute.strip(), value.strip())
    element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    if target := element.attrib.pop(_LINK, None):
        element.set("href", f"#{name}-{target[1:]}" if target.startswith("#") else target)
    identifier = element.attrib.pop("id", "")
    if _REFERRED_TO.fullmatch(identifier):
        element.set("id", f"{name}-{identifier}")
    elif identifier and not _NUMBERED.fullmatch(identifier):
        element.set("class", identifier)
    for attribute, value in element.attrib.items():
        element.set(attribute, _REFERENCE.sub(rf"url(#{name}-\1)", value))
    if element.get("image-rendering"):
        element.set("image-rendering", "pixelated")
