from __future__ import annotations

import pytest

from ops_platform.supervisor import data_dir
from ops_platform.supervisor.data_dir import CannotStart, Secrets, open_data_dir, write_private


def test_secrets_stay_the_same_in_a_file_that_only_the_owner_reads(tmp_path):
    first = Secrets(tmp_path)
    made = (first.get("SECRET_KEY"), first.get("postgres"))

    again = Secrets(tmp_path)

    assert (again.get("SECRET_KEY"), again.get("postgres")) == made
    assert len(set(made)) == 2
    assert min(map(len, made)) >= 64
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_private_file_is_replaced_by_one_that_only_the_owner_reads(tmp_path):
    path = tmp_path / "accounts.txt"
    path.write_text("open to all, and longer")

    write_private(path, "密码")

    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("密码", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_folder_is_free_again_when_its_lock_is_closed(tmp_path):
    with open_data_dir(tmp_path / "new"), pytest.raises(CannotStart, match="already running with the data folder"):
        open_data_dir(tmp_path / "new")

    open_data_dir(tmp_path / "new").close()


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match=r"cannot be written \(Not a directory\)\. Set DATA_DIR\."):
        open_data_dir(tmp_path / "file" / "data")


def test_full_disk_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(data_dir, "NEEDED_BYTES", 2**62)

    with pytest.raises(CannotStart, match=r"Only \d+ MiB are free for .*Make room, or set DATA_DIR"):
        open_data_dir(tmp_path)
