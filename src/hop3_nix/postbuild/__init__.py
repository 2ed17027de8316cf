"""The post-build step: it makes an artifact describe how to run itself, and verifies that it can.

``python3 -m postbuild SPEC.json OUT`` finds the programs of each command line on the artifact's own
PATH, verifies that everything named is there, and writes what stands under OUT/hop3 and OUT/bin.

It travels alone: this directory, standard library only, Python 3.9 or later. The rules stand in
docs/post-build.md; the shell's grammar is that of POSIX.1-2024, Shell Command Language.
"""
