"""`python -m console` is `stackmend`."""

from console.app import app

app(prog_name="stackmend")
