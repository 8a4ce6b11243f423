"""A batch starts without a grammar that takes a second to build."""

from __future__ import annotations

import subprocess
import sys

STARTED = """
import sys
from mchepi.batch.notebooks import parse_notebook
parse_notebook('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}')
import papermill
print(sorted({"jsonschema", "lark", "rfc3987_syntax"} & set(sys.modules)))
import rfc3987_syntax
"""


def test_nbformat_and_papermill_come_without_the_grammar_which_can_still_be_had():
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True)
    assert done.stdout == "['jsonschema']\n", done.stderr
    assert done.returncode == 0 or "No module named 'rfc3987_syntax'" in done.stderr


def test_a_runner_imports_nothing_that_only_servers_and_kernels_need():
    heavy = "ipykernel", "IPython", "zmq", "papermill", "nbconvert", "pandas"
    code = f"import sys, mchepi.batch; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
