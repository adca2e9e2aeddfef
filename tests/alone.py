"""A file of a large library without the rest of it, which takes seconds to import in each process of the tests."""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """The module `package.….module`, which imports nothing of its package. The package itself is not run."""
    package, *inner = name.split(".")
    found = find_spec(package)
    assert found, package
    assert found.origin, package
    spec = spec_from_file_location(name, Path(found.origin).parent.joinpath(*inner).with_suffix(".py"))
    assert spec, name
    assert spec.loader, name
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
