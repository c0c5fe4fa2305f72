"""docs/layers.md says what refinit's layers do, of every layer."""

from docs.layers import EXAMPLES, PAGE, page
from refinit import layers


def test_the_page_is_what_the_layers_say():
    assert PAGE.read_text() == page(), "run `python -m docs.layers`"


def test_every_layer_has_an_example():
    assert [example.name for example in EXAMPLES] == [layer.__name__ for layer in layers.LAYERS]
