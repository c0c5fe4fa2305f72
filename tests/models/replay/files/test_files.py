"""Files of weights: what is in them is what ``replay`` returns; they appear whole or not at all."""

import json
import subprocess
import sys

import numpy as np
import pytest

import refinit as init
from refinit.dtypes import ELEMENTS
from refinit.models.recipe.parts import Buffer, Fill, Literal, Operation, View
from refinit.models.recipe.problem import RecipeError
from refinit.models.recipe.steps import Recipe
from refinit.models.replay.files import safetensors as ours
from refinit.models.replay.files.layout import WORDS
from tests.paths import ROOT

NAMES = {word: name for name, word in WORDS.items()}
W, B, C = Buffer("w", "float32", (30, 50)), Buffer("b", "float16", (7,)), Buffer("c", "float64", (3,))
STEPS = (
    Fill("kaiming_uniform_", W.whole, {"a": 5**0.5}),
    Fill("uniform_", B.whole),
    Fill("uniform_", C.whole),
    Operation("mul", C.whole, (C.whole, 2.0)),
)
STATE = {
    "bias": B.whole,
    "weight": W.whole,
    "transposed": View("w", 0, (50, 30), (1, 50)),
    "rows": View("w", 100, (2, 50), (50, 1)),
    "tied": W.whole,
    "tau": C.whole,
    "mask": Literal(np.broadcast_to(np.bool_(True), (3, 3)), "bool"),
    "steps": Literal(np.array(5), "int64"),
    "nothing": View("w", 0, (0, 4), (4, 1)),
    "snowman ☃": C.whole,
}
RECIPE = Recipe({"w": W, "b": B, "c": C}, STEPS, STATE)


def in_folder(folder):
    return sorted(path.name for path in folder.iterdir())


def read(path):
    """The tensors of a safetensors file, by its format's own words."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header, data = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    assert length % 8 == 0
    assert header.pop("__metadata__") == {"format": "pt"}
    end, tensors = 0, {}
    for name, tensor in header.items():
        start, stop = tensor["data_offsets"]
        dtype = ELEMENTS[NAMES[tensor["dtype"]]].dtype
        assert start == end
        assert start % dtype.itemsize == 0
        tensors[name] = np.frombuffer(data[start:stop], dtype).reshape(tensor["shape"])
        end = stop
    assert end == len(data)
    return tensors


def assert_same(tensors, expected):
    assert {*tensors} == {*expected}
    for name, array in expected.items():
        assert tensors[name].dtype == array.dtype
        assert tensors[name].shape == array.shape
        assert tensors[name].tobytes() == array.tobytes(), name


@pytest.mark.parametrize("positional", [False, True])
def test_safetensors_holds_what_replay_returns(tmp_path, positional):
    path = tmp_path / "w.safetensors"

    def generator():
        return init.CounterGenerator(3) if positional else init.Generator().manual_seed(3)

    report = init.replay_to_file(RECIPE, path, generator=generator())
    assert_same(read(path), init.replay(RECIPE, generator=generator()))
    assert report.paths == (path,)
    assert report.size == path.stat().st_size
    assert report.names == len(STATE)
    assert in_folder(tmp_path) == ["w.safetensors"]


def test_safetensors_reads_it(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy", reason="it is the reader that is asked")
    init.replay_to_file(RECIPE, tmp_path / "w.safetensors", 3)
    assert_same(numpy.load_file(tmp_path / "w.safetensors"), init.replay(RECIPE, 3))


def test_half_types_and_patterns(tmp_path):
    pytest.importorskip("ml_dtypes", reason="bfloat16 is its")
    h = Buffer("h", "bfloat16", (9, 5))
    recipe = Recipe({"h": h}, (Fill("normal_", h.whole),), {"a.h": h.whole, "b.h": h.whole})
    init.replay_to_file(recipe, tmp_path / "w.safetensors", 3, only="b.*")
    assert_same(read(tmp_path / "w.safetensors"), {"b.h": init.replay(recipe, 3)["b.h"]})


def test_large_models_are_shards_with_an_index(tmp_path):
    path = tmp_path / "model.safetensors"
    report = init.replay_to_file(RECIPE, path, 3, shard_bytes=7000)
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    expected = init.replay(RECIPE, 3)
    files = sorted({*index["weight_map"].values()})
    assert files == [f"model-0000{k}-of-00003.safetensors" for k in (1, 2, 3)]
    assert sorted(path.name for path in report.paths) == [*files, "model.safetensors.index.json"]
    assert index["metadata"]["total_size"] == sum(array.nbytes for array in expected.values())
    shards = {file: read(tmp_path / file) for file in files}
    assert_same({name: shards[file][name] for name, file in index["weight_map"].items()}, expected)
    sizes = [sum(array.nbytes for array in tensors.values()) for tensors in shards.values()]
    assert all(size <= 7000 for size in sizes)
    assert not path.exists()


def test_npz_holds_what_replay_returns(tmp_path):
    report = init.replay_to_file(RECIPE, tmp_path / "w.npz", 3)
    with np.load(tmp_path / "w.npz") as archive:
        assert_same(dict(archive), init.replay(RECIPE, 3))
    assert report.size == (tmp_path / "w.npz").stat().st_size


def test_what_fails_leaves_no_file_and_an_old_one(tmp_path):
    half = Buffer("h", "float16", (4, 4))
    recipe = Recipe(
        {"h": half}, (Fill("normal_", half.whole), Fill("orthogonal_", half.whole)), {"h": half.whole}
    )
    for name in ("w.safetensors", "w.npz"):
        (tmp_path / name).write_bytes(b"old")
        with pytest.raises(RecipeError, match="orthogonal_"):
            init.replay_to_file(recipe, tmp_path / name, 3)
        assert (tmp_path / name).read_bytes() == b"old"
    assert in_folder(tmp_path) == ["w.npz", "w.safetensors"]


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("../x", "w.npz", "stays in its archive"),
        ("/x", "w.npz", "stays in its archive"),
        ("a\\..\\x", "w.npz", "stays in its archive"),
        ("c:x", "w.npz", "stays in its archive"),
        ("__metadata__", "w.safetensors", "what safetensors holds"),
    ],
)
def test_names_that_no_file_may_have(tmp_path, name, path, message):
    with pytest.raises(RecipeError, match=message):
        init.replay_to_file(Recipe({"b": B}, (Fill("ones_", B.whole),), {name: B.whole}), tmp_path / path, 3)
    assert not in_folder(tmp_path)


@pytest.mark.parametrize(("dtype", "path"), [("complex128", "w.safetensors"), ("bfloat16", "w.npz")])
def test_types_that_a_format_lacks(tmp_path, dtype, path):
    buffer = Buffer("b", dtype, (3,))
    with pytest.raises(RecipeError, match=dtype):
        init.replay_to_file(Recipe({"b": buffer}, (), {"b": buffer.whole}), tmp_path / path, 3)
    assert not in_folder(tmp_path)


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.safetensors or \.npz"):
        init.replay_to_file(RECIPE, tmp_path / "w.pt", 3)


def test_a_full_disk_is_noticed_before_anything_is_drawn(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ours.os, "posix_fallocate", refuse, raising=False)
    generator = init.Generator().manual_seed(3)
    before = generator.get_state()
    with pytest.raises(OSError, match="No space"):
        init.replay_to_file(RECIPE, tmp_path / "w.safetensors", generator=generator)
    assert not in_folder(tmp_path)
    assert (generator.get_state() == before).all()


LARGE = """
import sys, refinit as init
from refinit.models.recipe.parts import Buffer, Fill, Operation
from refinit.models.recipe.steps import Recipe
buffers = {f"w{k}": Buffer(f"w{k}", "float32", (1024, 2048)) for k in range(24)}
steps = [step for b in buffers.values() for step in (
    Fill("kaiming_uniform_", b.whole), Fill("trunc_normal_", b.whole), Operation("mul", b.whole, (b.whole, 0.5)))]
recipe = Recipe(buffers, tuple(steps), {name: b.whole for name, b in buffers.items()})
init.replay_to_file(recipe, sys.argv[1], 3, only="w0")
def anonymous():
    return int(next(line for line in open("/proc/self/status") if line.startswith("RssAnon")).split()[1]) << 10
before = anonymous()
import threading
most, done = [0], threading.Event()
def watch():
    while not done.wait(0.002):
        most[0] = max(most[0], anonymous())
thread = threading.Thread(target=watch)
thread.start()
report = init.replay_to_file(recipe, sys.argv[1], 3)
done.set()
thread.join()
print(most[0] - before, report.peak_bytes, report.size)
"""


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_memory_is_that_of_the_largest_tensor(tmp_path, suffix):
    path = str(tmp_path / f"w{suffix}")
    output = subprocess.check_output([sys.executable, "-c", LARGE, path], text=True, cwd=ROOT)
    most, peak, size = map(int, output.split())
    largest = 4 * 1024 * 2048
    assert size > 24 * largest
    assert peak <= 2 * largest + (1 << 20)
    assert most <= largest + (64 << 20)
