"""`python -m burdenlib`."""

from burdenlib.cli import main

main(prog_name="burdenlib")
