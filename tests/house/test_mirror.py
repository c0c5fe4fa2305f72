"""The tests lie where the sources lie: a folder of tests for a folder of refinit or verify."""

from tests.paths import ROOT

#: What has no source folder: kernels that need CUDA's compiler (another environment), pages, rules, tables, data,
#: other systems and versions.
OWN = {"benchmarks", "cuda", "data", "docs", "house", "platforms", "tables", "verify"}


def folders(place):
    """The folders in a place that hold Python, as paths below it."""
    return {path.parent.relative_to(place) for path in place.rglob("*.py")} - {place.relative_to(place)}


def strange(tests, sources, own=frozenset()):
    """Folders of tests that no folder of sources has; a module may have one too, or a part of a longer folder."""
    mirrored = {path for path in folders(tests) if path.parts[0] not in own}
    return sorted(
        str(path)
        for path in mirrored
        if not (sources / path).is_dir() and not (sources / path.parent).is_dir()
    )


def test_tests_of_refinit_lie_as_refinit_does():
    assert not strange(ROOT / "tests", ROOT / "refinit", OWN)


def test_tests_of_verify_lie_as_verify_does():
    assert not strange(ROOT / "tests" / "verify", ROOT / "verify")


def test_every_folder_of_the_packages_is_tested():
    for package, tests in (("refinit", ROOT / "tests"), ("verify", ROOT / "tests" / "verify")):
        rooms = {path.name for path in (ROOT / package).iterdir() if (path / "__init__.py").exists()}
        assert rooms - {path.name for path in tests.iterdir()} == set(), package
