"""A site's folder: old pages of ours go, and nothing of anybody else's is touched."""

from __future__ import annotations

import pytest

from leastwise.errors import UsageError
from leastwise.publish.site_files import write_site

PAGES = {
    "index.html": "<html>all</html>\n",
    "role-a-1.html": "<html>a</html>\n",
    "role-b-2.html": "<html>b\n",
}
FEWER = {name: text for name, text in PAGES.items() if name != "role-b-2.html"}


def names(folder):
    return {file.name for file in folder.iterdir()}


def test_the_page_of_a_principal_that_is_gone_goes(tmp_path):
    assert write_site(tmp_path / "site", PAGES) == 0
    assert names(tmp_path / "site") == set(PAGES)
    assert write_site(tmp_path / "site", FEWER) == 1
    assert names(tmp_path / "site") == set(FEWER)


def test_the_same_site_is_the_same_bytes(tmp_path):
    for name in "ab":
        write_site(tmp_path / name, PAGES)
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in PAGES)


def others(folder):
    """Files of others: a stranger's page, an edited page of ours, a copy in a folder, a text, links."""
    ours = (folder / "role-b-2.html").read_bytes()
    (folder / "stranger.html").write_text("<html>not ours</html>")
    (folder / "edited.html").write_bytes(ours.replace(b"<html>", b"<html>my notes "))
    (folder / "quoted.html").write_bytes(ours + b"<p>and more\n")
    (folder / "notes.txt").write_bytes(ours)
    (folder / "below").mkdir()
    (folder / "below" / "kept.html").write_bytes(ours)
    (folder / "link.html").symlink_to(folder / "below" / "kept.html")
    (folder / "a-folder.html").mkdir()


def test_what_others_wrote_or_changed_stays(tmp_path):
    write_site(tmp_path, PAGES)
    others(tmp_path)
    before = names(tmp_path)
    assert write_site(tmp_path, FEWER) == 1
    assert names(tmp_path) == before - {"role-b-2.html"}
    assert (tmp_path / "below" / "kept.html").is_file()


@pytest.mark.parametrize("there", ["<html>somebody's start page</html>", ""])
def test_a_page_of_somebody_else_is_not_written_over(tmp_path, there):
    (tmp_path / "index.html").write_text(there)
    with pytest.raises(UsageError, match=r"index\.html is there and no page of leastwise"):
        write_site(tmp_path, PAGES)
    assert names(tmp_path) == {"index.html"}
    assert (tmp_path / "index.html").read_text() == there


def test_a_link_is_not_written_through(tmp_path):
    write_site(tmp_path / "site", PAGES)
    (tmp_path / "elsewhere.html").write_bytes((tmp_path / "site" / "index.html").read_bytes())
    (tmp_path / "site" / "index.html").unlink()
    (tmp_path / "site" / "index.html").symlink_to(tmp_path / "elsewhere.html")
    before = (tmp_path / "elsewhere.html").read_bytes()
    with pytest.raises(UsageError, match="give another folder"):
        write_site(tmp_path / "site", {**PAGES, "index.html": "<html>new</html>\n"})
    assert (tmp_path / "elsewhere.html").read_bytes() == before


def test_our_own_page_is_written_over_though_somebody_edited_it(tmp_path):
    write_site(tmp_path, PAGES)
    edited = tmp_path / "index.html"
    edited.write_bytes(edited.read_bytes().replace(b"all", b"ALL"))
    write_site(tmp_path, PAGES)
    assert b"<html>all</html>" in edited.read_bytes()
