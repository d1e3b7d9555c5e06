"""Settings of the test run."""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

os.environ["BURDENLIB_CACHE"] = str(Path(__file__).parent.parent / ".pytest_cache" / "burdenlib")

settings.register_profile("default", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("BURDENLIB_TEST_PROFILE", "default"))
