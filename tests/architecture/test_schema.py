"""The OpenAPI document: what would be wrong in it without a word."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rest_framework.serializers import BaseSerializer

from subscriptions import api


def test_no_two_shapes_share_a_name() -> None:
    """They would be one component, and one of them described as the other."""
    modules = [
        import_module(f"{api.__name__}.{found.name}") for found in iter_modules([str(Path(api.__file__).parent)])
    ]
    shapes = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSerializer) and value.__module__.startswith(api.__name__)
    }
    assert len(shapes) > 20
    assert [name for name, count in Counter(shape.__name__ for shape in shapes).items() if count > 1] == []
