"""The engine of the tests has the bureau's plugin, and no other."""

from __future__ import annotations

from types import ModuleType

import burdenlib_forestry
import pytest


@pytest.fixture(scope="session")
def burden_plugins() -> list[ModuleType]:
    return [burdenlib_forestry]
