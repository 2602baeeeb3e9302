"""What the settings say of the catalog."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modelcensus.core.errors import SettingsError
from modelcensus.settings import CatalogSettings, Settings, SourceSettings
from modelcensus.wiring import catalog_policy


def test_thresholds_precedence_and_policies_are_taken_from_the_settings() -> None:
    given = CatalogSettings(
        automatic=False, policy="review", thresholds={"jump": "5", "flaps": "2"}, precedence={"price": ["litellm", "*"]}
    )
    found = catalog_policy(Settings(catalog=given, sources={"openrouter": SourceSettings(policy="auto")}))
    assert (found.automatic, found.thresholds.jump, found.thresholds.flaps) == (False, Decimal(5), 2)
    assert found.precedence.order("price.input") == ("price", ("litellm", "*"))
    assert (found.review.reviews("openrouter"), found.review.reviews("modelsdev")) == (False, True)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (CatalogSettings(thresholds={"jumps": "5"}), "jumps"),
        (CatalogSettings(thresholds={"jump": "much"}), "catalog"),
        (CatalogSettings(precedence={"prize": ["litellm"]}), "prize"),
        (CatalogSettings(precedence={"price": []}), "price"),
    ],
)
def test_what_means_nothing_is_refused_by_name(given: CatalogSettings, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        catalog_policy(Settings(catalog=given))
    assert named in caught.value.message
