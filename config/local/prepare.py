"""Brings database and static files up to date: one process, since loading Django costs more than the work."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAMP = ROOT / "var" / "run" / "static.digest"


def static_digest(root: Path) -> str:
    """Return a digest of what the collected static files depend on: the packages, the settings, our own files."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "config/settings.py"):
        digest.update((root / name).read_bytes() if (root / name).exists() else b"")
    for folder in ("consent", "subscriptions", "config"):
        for file in sorted((root / folder).glob("**/static/**/*")):
            status = file.stat()
            digest.update(f"{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False)
    call_command("seed_example")
    digest = static_digest(ROOT)
    collected = STAMP.exists() and STAMP.read_text() == digest
    if settings.STATIC_ROOT and not (collected and Path(settings.STATIC_ROOT).is_dir()):
        call_command("collectstatic", interactive=False, verbosity=0)
        STAMP.parent.mkdir(parents=True, exist_ok=True)
        STAMP.write_text(digest)


if __name__ == "__main__":
    main()
