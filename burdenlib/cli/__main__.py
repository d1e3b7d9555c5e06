"""`python -m burdenlib.cli`."""

from burdenlib.cli import main

main(prog_name="burdenlib")
