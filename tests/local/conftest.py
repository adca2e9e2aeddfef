"""A database cluster that is made once: initdb takes more than all that most of these tests do with one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.local.servers import running

PutCluster = Callable[[Path], Path]


@pytest.fixture(scope="session")
def put_cluster() -> Iterator[PutCluster]:
    """Copies the cluster into a state folder, as a run before left it that had another port and password."""
    # The user nobody may pass through this folder, but not through pytest's own.
    with tempfile.TemporaryDirectory(prefix="sayso-test-") as name:
        made = Path(name)
        made.chmod(0o755)

        def put(state: Path) -> Path:
            if not (made / "postgres").exists():
                with running(made, durable=False):
                    pass
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copytree(made / "postgres", state / "postgres")
            return state

        yield put
