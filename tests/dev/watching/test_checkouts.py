"""What git writes is one change, however long it takes."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from spindle.dev.watching import Interest, Kind, Watcher
from spindle.dev.watching.checkouts import is_checking_out, locks_above

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")


def git(root: Path, *words: str) -> None:
    subprocess.run([*GIT, *words], cwd=root, check=True, capture_output=True)


def test_where_gits_lock_is(tmp_path: Path) -> None:
    assert locks_above([str(tmp_path)]) == frozenset()
    repository, tree = tmp_path / "repository", tmp_path / "tree"
    (repository / "src" / "deep").mkdir(parents=True)
    git(repository, "init", "-q")
    expected = str(repository / ".git" / "index.lock")
    assert locks_above([str(repository / "src" / "deep"), str(repository)]) == {expected}
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    git(repository, "worktree", "add", "-q", str(tree))
    (lock,) = locks_above([str(tree)])
    assert Path(lock).resolve() == repository / ".git" / "worktrees" / "tree" / "index.lock"


@pytest.mark.parametrize("text", ["", "gitdir", "gitdir: ", "elsewhere: a", "\0"])
def test_a_file_that_leads_nowhere(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text)
    assert locks_above([str(tmp_path)]) == frozenset()


def test_an_index_that_is_being_committed_is_no_checkout(tmp_path: Path) -> None:
    lock = tmp_path / "index.lock"
    assert not is_checking_out(str(lock))
    lock.touch()
    assert is_checking_out(str(lock))
    lock.write_bytes(b"DIRC")
    assert not is_checking_out(str(lock))


def test_what_is_written_under_the_lock_is_told_at_once(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    lock = tmp_path / ".git" / "index.lock"

    async def main() -> list[str]:
        watcher = Watcher([Interest(Kind.SOURCES, "hello", tmp_path, ("*.py",))])
        await watcher.start()
        coming = watcher.changes()
        try:
            lock.touch()
            for number in range(3):
                (tmp_path / f"{number}.py").write_text("a = 1\n")
                await asyncio.sleep(0.6)  # longer than what a save takes
            lock.unlink()
            return [Path(path).name for path in (await asyncio.wait_for(anext(coming), 60)).paths]
        finally:
            await watcher.close()

    assert asyncio.run(main()) == ["0.py", "1.py", "2.py"]
