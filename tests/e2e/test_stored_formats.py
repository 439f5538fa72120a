"""Stores of every released version are opened by the present program, which says of them what was said then."""

import json
import sys

import pytest

from harness import ROOT

sys.path.insert(0, str(ROOT / "tests/fixtures/stores"))

from write import unpack, verified, views_digest  # noqa: E402

STORES = ROOT / "tests/fixtures/stores"
VERSIONS = sorted(one.name for one in STORES.iterdir() if (one / "store.tar.xz").exists())


def test_there_are_stores():
    assert VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_each_version_has_its_log_books_names_and_views(billing_binary, tmp_path, version):
    expected = json.loads((STORES / version / "expected.json").read_text())
    views = json.loads((STORES / version / "views.json").read_text())
    unpack(STORES / version / "store.tar.xz", tmp_path)
    log, none = verified(billing_binary, tmp_path / "data")
    assert none is None, "an archive has no views: they are built from the log"
    told, digest = views_digest(billing_binary, tmp_path)
    assert {**log, **told} == expected
    assert digest == (views["position"], views["digest"]), "rows of the views changed: write.py --views-digest"
    assert verified(billing_binary, tmp_path / "data")[0] == log


def test_a_store_stays_small():
    assert all((STORES / version / "store.tar.xz").stat().st_size < 300 * 1024 for version in VERSIONS)
