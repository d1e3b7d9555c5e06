"""The generated policies of `burdenlib.testing`, under the names that the tests use."""

from burdenlib.testing.generated import (
    CHANNELS,
    CORE,
    DAYS,
    ENUMS,
    FACTS,
    LEVELS,
    NOWHERE,
    TARGETS,
    TITLES,
    Made,
    doors_with_limits,
    policy_sets,
    print_made,
    some_facts,
    text,
    texts_of,
    whole_facts,
)
from burdenlib.testing.generated import small_portfolios as portfolios

__all__ = [
    "CHANNELS",
    "CORE",
    "DAYS",
    "ENUMS",
    "FACTS",
    "LEVELS",
    "NOWHERE",
    "TARGETS",
    "TITLES",
    "Made",
    "doors_with_limits",
    "policy_sets",
    "portfolios",
    "print_made",
    "some_facts",
    "text",
    "texts_of",
    "whole_facts",
]
