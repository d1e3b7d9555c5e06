"""Settings of the test run."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ["BURDENLIB_CACHE"] = str(Path(__file__).parent.parent / ".pytest_cache" / "burdenlib")

settings.register_profile("default", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("BURDENLIB_TEST_PROFILE", "default"))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Use all cores for a run of everything, where pytest-xdist is installed; `-n 0` uses one."""
    option = config.option
    is_worker = hasattr(config, "workerinput")
    is_everything = not is_worker and config.args_source is pytest.Config.ArgsSource.TESTPATHS and not option.keyword
    if is_everything and getattr(option, "numprocesses", 0) is None and not option.collectonly:
        option.numprocesses, option.dist = "auto", "worksteal"


@pytest.fixture(scope="module", autouse=True)
def _no_garbage_in_what_other_modules_keep() -> None:
    """Leave what earlier tests keep out of the search for garbage, which would take longer and longer."""
    gc.freeze()
