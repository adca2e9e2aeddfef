"""What can go wrong on somebody else's machine, said in one line."""

import errno

FULL = "No space left on device"
CAUSES = {
    errno.ENOSPC: "the disk is full; free some space and run it again",
    errno.EDQUOT: "the disk quota is used up; free some space and run it again",
    errno.EACCES: "this folder cannot be written; run it as the owner of the folder, or from a copy of your own",
    errno.EPERM: "this folder cannot be written; run it as the owner of the folder, or from a copy of your own",
    errno.EROFS: "this folder is on a read-only file system; run it from a copy elsewhere",
    errno.ENOTDIR: "a file stands where a folder is needed; move it away",
    errno.EEXIST: "a file stands where a folder is needed; move it away",
}


class SetupError(Exception):
    """Something the person at the keyboard can put right: a line, and below it the end of a log where there is one."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(f"{message}\n{details}" if details else message)


class StartInterruptedError(Exception):
    """We were asked to stop before everything had started."""


def from_os(error: OSError) -> SetupError:
    """Say an operating system's error in a line that names the path and the way out."""
    cause = CAUSES.get(error.errno or 0, (error.strerror or str(error)).lower())
    return SetupError(f"{error.filename}: {cause}." if error.filename else f"{cause[0].upper()}{cause[1:]}.")
