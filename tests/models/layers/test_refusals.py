"""What a layer refuses: torch's exceptions and texts, before anything is drawn; and what has no shapes."""

import warnings

import numpy as np
import pytest

import refinit
from refinit import layers
from tests.tables.references.torch import torch_module

torch = torch_module()
CALLS = [
    ("Conv2d", (3, 4, 3), {"groups": 2}),
    ("Conv2d", (4, 3, 3), {"groups": 2}),
    ("Conv1d", (3, 4, 3), {"groups": 0}),
    ("Conv2d", (3, 4, 3), {"padding": "same", "stride": 2}),
    ("Conv2d", (-3, 4, 3), {}),
    ("ConvTranspose2d", (3, 4, 3), {"padding_mode": "circular"}),
    ("Linear", (3, -1), {}),
    ("Bilinear", (0, 2, 3), {}),
    ("Embedding", (3, 2), {"padding_idx": 3}),
    ("Embedding", (3, 2), {"padding_idx": -4}),
    ("EmbeddingBag", (3, 2), {"padding_idx": 3}),
    ("Embedding", (3, 2), {"_weight": np.ones((2, 3), np.float32)}),
    ("LSTM", (3, 4), {"dropout": 1.5}),
    ("LSTM", (3, 4), {"dropout": True}),
    ("LSTM", (3, 4), {"bias": 1}),
    ("LSTM", (3, 4), {"batch_first": None}),
    ("LSTM", (3.0, 4), {}),
    ("GRU", (0, 4), {}),
    ("GRU", (3, "4"), {}),
    ("GRU", (3, 0), {}),
    ("RNN", (3, 4, 0), {}),
    ("RNN", (3, 4), {"nonlinearity": "gelu"}),
    ("RNNBase", ("QRNN", 3, 4), {}),
    ("LSTM", (3, 4), {"proj_size": -1}),
    ("LSTM", (3, 4), {"proj_size": 4}),
    ("RNN", (3, 4), {"proj_size": 2}),
    ("RNN", (3, 4), {"proj_size": 0, "nonlinearity": "gelu"}),
    ("GRU", (3, 4), {"proj_size": 2}),
    ("MultiheadAttention", (8, 3), {}),
    ("MultiheadAttention", (0, 3), {}),
    ("TransformerEncoderLayer", (8, 3), {}),
    ("TransformerEncoderLayer", (8, 2, 16, 1.5), {}),
    ("TransformerEncoderLayer", (8, 2, 16, 0.1, "tanh"), {}),
    ("GroupNorm", (3, 8), {}),
    ("AdaptiveLogSoftmaxWithLoss", (4, 10, []), {}),
    ("AdaptiveLogSoftmaxWithLoss", (4, 10, [5, 3]), {}),
    ("AdaptiveLogSoftmaxWithLoss", (4, 10, [10]), {}),
    ("LinearCrossEntropyLoss", (4, 10), {"label_smoothing": 1.5}),
    ("LinearCrossEntropyLoss", (4, 10), {"weight": np.ones(3, np.float32)}),
    ("Dropout", (1.5,), {}),
    ("Linear", (3, 4), {"dtype": "int64"}),
]


def as_torch_takes(value):
    """The same argument for torch."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    return getattr(torch, value) if value == "int64" else value


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=str)
def test_a_refusal_is_torchs(name, args, kwargs):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises
        getattr(torch.nn, name)(*args, **{key: as_torch_takes(value) for key, value in kwargs.items()})
    before = refinit.get_rng_state().tobytes()
    with pytest.raises(type(theirs.value)) as ours:
        getattr(layers, name)(*args, **kwargs)
    assert type(ours.value) is type(theirs.value)
    assert str(ours.value).startswith(str(theirs.value).partition("\n")[0])
    assert refinit.get_rng_state().tobytes() == before


@pytest.mark.parametrize("mode", [{"padding_mode": "none"}, {"padding": "some"}])
def test_an_unknown_padding_is_refused_with_the_known_ones(mode):
    """torch prints a set, whose order is chance."""
    for nn in (torch.nn, layers):
        with pytest.raises(ValueError, match=r"[Pp]adding") as refusal:
            nn.Conv2d(3, 4, 3, **mode)
        assert all(
            name in str(refusal.value) for name in (("zeros",) if "padding_mode" in mode else ("same",))
        )


@pytest.mark.parametrize("name", layers.REFUSED)
def test_what_has_no_shapes_is_refused_by_name(name):
    with pytest.raises(NotImplementedError, match=rf"{name} .*expected .*layers\."):
        getattr(layers, name)(3)


def test_a_layer_that_torch_has_not_is_told():
    with pytest.raises(AttributeError, match=r"no 'functional': it has torch.nn's modules"):
        _ = layers.functional


@pytest.mark.parametrize("part", ["custom_encoder", "custom_decoder"])
def test_a_custom_part_must_be_known(part):
    with pytest.raises(TypeError, match=rf"module of refinit.layers as {part}, got torch.*layers.Module"):
        layers.Transformer(8, 2, 1, 1, 4, **{part: torch.nn.Linear(3, 5)})


def test_a_copied_layer_must_be_known():
    with pytest.raises(TypeError, match=r"module of refinit.layers as encoder_layer"):
        layers.TransformerEncoder(torch.nn.TransformerEncoderLayer(8, 2), 2)


@pytest.mark.parametrize("device", ["cuda", "meta"])
def test_another_device_is_refused(device):
    with pytest.raises(NotImplementedError, match=rf"device=None or 'cpu', got '{device}'"):
        layers.Linear(3, 5, device=device)
    assert layers.Linear(3, 5, device="cpu").weight.shape == (5, 3)


def test_dropout_of_one_recurrent_layer_warns_as_torch_does():
    messages = []
    for nn in (torch.nn, layers):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            nn.LSTM(3, 4, dropout=0.5)
        messages.append([(w.category, str(w.message)) for w in caught])
        assert caught[0].filename == __file__ or nn is torch.nn
    assert messages[0] == messages[1]
