"""The one sandbox for what has to be run to be known: build back ends, setup.py, resolvers.

A language that needs it says what to run and what to answer (`Enclosed`), and calls
``tools.enclosed``, which fills in what the program needs to start and calls `run`:

- ``argv`` runs as an unprivileged user, in namespaces of its own, with nothing of the host but
  ``readable`` (store paths, read-only) and copies of ``files`` below /sandbox, and with no variable
  but those of ``env``. What it changes is gone afterwards; what it prints is the answer.
- There is no network but a server of ours on the sandbox's loopback: ``{proxy}`` in argv and env
  becomes its address, ``http://127.0.0.1:PORT``. It hears GET and HEAD alone, asks ``answer`` for
  every path, refuses with 403 what that gives None for, and records what was given: `Outcome.gave`.
  So ``answer`` is where a language says which index the sandbox is for. For a mirror of an index
  as Maven, sbt or Composer take one, `mirror` makes it of the index's address.
- A digest that a lockfile pins has to be compared by the caller, before.

Where the kernel makes no namespaces, `run` raises `NoSandboxError`; `run_openly` is for those who
have then said --allow-code.
"""

from hop3_nix.locksandbox.running import (
    Enclosed,
    Gave,
    Given,
    NoSandboxError,
    Outcome,
    mirror,
    run,
    run_openly,
)

__all__ = ["Enclosed", "Gave", "Given", "NoSandboxError", "Outcome", "mirror", "run", "run_openly"]
