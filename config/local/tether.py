"""Run a command that ends when its parent does: `python -I -S tether.py PARENT_PID SIGNAL COMMAND…`.

Asks the kernel for SIGNAL at the parent's death (prctl(2), PR_SET_PDEATHSIG) and becomes the command. A program of its
own, not a `preexec_fn`: that would run Python between fork and exec of a process that may have threads. The kernel
means the parent *thread*: whoever starts children must keep the thread that started them.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, number: str, *command: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job has it ignored, and it would be inherited
    if os.getppid() != int(parent):  # it died before we asked
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the very purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(*sys.argv[1:])
