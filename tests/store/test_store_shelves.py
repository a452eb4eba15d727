"""What every shelf promises: all or nothing, one winner, and damage that costs no more than what it hit."""

from __future__ import annotations

import pytest

from leastwise.errors import SourceError
from leastwise.repo import Repository
from leastwise.store.branch import BranchShelf
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects
from tests.scratch_git import git
from tests.store.shelves import NOW, WORLDS, Doomed, Killed

OLD = {"index.json": "old", "principals/a.json": "a", "principals/b.json": "b"}
NEW = {"index.json": "new", "principals/a.json": "a", "principals/c.json": "ć ${*} \u202e"}


@pytest.fixture(params=WORLDS)
def world(request, tmp_path, monkeypatch):
    yield from WORLDS[request.param](tmp_path, monkeypatch)


@pytest.fixture(params=["folder", "bucket"])
def objects_world(request, tmp_path, monkeypatch):
    yield from WORLDS[request.param](tmp_path, monkeypatch)


def test_a_new_shelf_is_empty(world):
    assert world.shelf().load().files == {}


def test_what_is_put_there_is_found_by_another(world):
    assert world.shelf().swap(OLD, world.shelf().load())
    assert world.shelf().load().files == OLD
    assert world.shelf().swap(NEW, world.shelf().load())
    assert world.shelf().load().files == NEW
    assert world.shelf().load().lost == ()


def test_of_two_who_saw_the_same_one_wins(world):
    one, other = world.shelf(), world.shelf()
    seen_by_one, seen_by_other = one.load(), other.load()
    assert one.swap(OLD, seen_by_one)
    assert not other.swap(NEW, seen_by_other)
    assert world.shelf().load().files == OLD
    assert other.swap(NEW, other.load())
    assert world.shelf().load().files == NEW


def test_whoever_overtakes_twice_wins_over_who_slept(world):
    sleeper = world.shelf().load()
    for files in (OLD, NEW, OLD):
        assert world.shelf().swap(files, world.shelf().load())
    assert not world.shelf().swap(NEW, sleeper)
    assert world.shelf().load().files == OLD


@pytest.mark.parametrize("step", range(8))
def test_killed_at_any_step_the_shelf_holds_one_moment_and_goes_on(objects_world, step):
    objects_world.shelf().swap(OLD, objects_world.shelf().load())
    doomed = Generations(Doomed(objects_world.objects(), step), "doomed")
    try:
        doomed.swap(NEW, doomed.load())
    except Killed:
        assert objects_world.shelf().load().files == (OLD if step < 3 else NEW)
    else:
        assert step >= 6
    assert objects_world.shelf().load().lost == ()
    assert objects_world.shelf().swap(NEW, objects_world.shelf().load())
    assert objects_world.shelf().load().files == NEW
    assert len([name for name in objects_world.objects().names() if name[0].isdigit()]) == len(NEW)


def test_killed_between_commit_and_push_the_branch_is_as_it_was(tmp_path, monkeypatch):
    (world,) = WORLDS["branch"](tmp_path, monkeypatch)
    world.shelf().swap(OLD, world.shelf().load())

    def killed(*_):
        raise Killed

    before = world.shelf().load()
    monkeypatch.setattr("leastwise.repo.Repository.push", killed)
    with pytest.raises(Killed):
        world.shelf().swap(NEW, before)
    assert world.shelf().load().files == OLD


def test_the_branch_has_one_commit_and_no_history(tmp_path, monkeypatch):
    (world,) = WORLDS["branch"](tmp_path, monkeypatch)
    for files in (OLD, NEW, OLD):
        world.shelf().swap(files, world.shelf().load())
    assert git(tmp_path / "remote.git", "rev-list", "--count", "leastwise/evidence").strip() == "1"
    assert git(tmp_path / "clone", "status", "--porcelain") == ""


def test_other_folders_of_the_repository_keep_their_evidence(tmp_path, monkeypatch):
    (world,) = WORLDS["branch"](tmp_path, monkeypatch)
    world.shelf().swap(OLD, world.shelf().load())
    below = tmp_path / "clone" / "team"
    below.mkdir()

    team = BranchShelf(Repository.open(below), "origin", "leastwise/evidence", NOW)
    assert team.load().files == {}
    assert team.swap(NEW, team.load())
    assert team.load().files == NEW
    assert world.shelf().load().files == OLD


def test_only_what_changed_is_written(objects_world):
    objects_world.shelf().swap(OLD, objects_world.shelf().load())
    objects_world.shelf().swap(NEW, objects_world.shelf().load())
    generations = sorted(name.partition("-")[0] for name in objects_world.objects().names())
    assert generations == ["1", "2", "2", "index"]


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b broken", b"not gzip at all"])
def test_a_damaged_object_is_set_aside_and_costs_only_itself(objects_world, damage):
    objects_world.shelf().swap(OLD, objects_world.shelf().load())
    objects = objects_world.objects()
    hit = objects_world.shelf().load().objects["principals/a.json"]
    objects.write(hit, damage)
    found = objects_world.shelf().load()
    assert found.files == {name: text for name, text in OLD.items() if name != "principals/a.json"}
    assert len(found.lost) == 1
    assert "principals/a.json" in found.lost[0]
    assert objects.read(f"damaged-{hit}") == damage
    assert objects_world.shelf().swap(OLD, found)
    assert objects_world.shelf().load().files == OLD
    assert objects.read(f"damaged-{hit}") == damage


def test_a_missing_object_costs_only_itself(objects_world):
    objects_world.shelf().swap(OLD, objects_world.shelf().load())
    objects_world.objects().remove(objects_world.shelf().load().objects["principals/b.json"])
    found = objects_world.shelf().load()
    assert sorted(found.files) == ["index.json", "principals/a.json"]
    assert "principals/b.json" in found.lost[0]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"objects": {"x": 1}}', b"\xff"])
def test_a_damaged_index_is_set_aside_and_the_shelf_goes_on(objects_world, damage):
    objects_world.shelf().swap(OLD, objects_world.shelf().load())
    objects_world.objects().write("index-1", damage)
    found = objects_world.shelf().load()
    assert found.files == {}
    assert "read anew" in found.lost[0]
    assert objects_world.objects().read("damaged-index-1") == damage
    assert objects_world.shelf().swap(NEW, found)
    assert objects_world.shelf().load().files == NEW


def test_a_file_that_was_never_finished_is_nothing(tmp_path, monkeypatch):
    (world,) = WORLDS["folder"](tmp_path, monkeypatch)
    world.shelf().swap(OLD, world.shelf().load())
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        world.shelf().swap(NEW, world.shelf().load())
    monkeypatch.undo()
    assert world.shelf().load().files == OLD
    assert world.shelf().swap(NEW, world.shelf().load())


def test_a_folder_that_cannot_be_used_says_so(tmp_path):

    (tmp_path / "file").write_text("")
    shelf = Generations(FolderObjects(tmp_path / "file" / "below"), "state")
    with pytest.raises(SourceError, match="evidence cannot be kept there"):
        shelf.swap(OLD, shelf.load())
