"""Which names are one model, by which evidence, and what is left for a person."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcensus.core.catalog.evidence import Named, named
from modelcensus.core.catalog.linking import Anchors, Decision, Link, Links, Unmatched, link
from modelcensus.core.catalog.listing import Listing, Modality
from modelcensus.core.catalog.model import Relation
from modelcensus.core.catalog.resolving import resolve


def router(key: str, **fields: Any) -> Named:
    return Named(source="openrouter", key=key, lab=key.split("/")[0].lstrip("~"), **fields)


def native(key: str, lab: str = "openai", **fields: Any) -> Named:
    return Named(source=lab, key=key, lab=lab, provider=lab, **fields)


def entry(key: str, **fields: Any) -> Named:
    return Named(source="modelsdev", key=key, provider=key.split("/")[0], **fields)


def priced(key: str, provider: str = "azure", **fields: Any) -> Named:
    return Named(source="litellm", key=key, provider=provider, **fields)


def found(links: Links, source: str, key: str) -> Link | None:
    return next((each for each in links.linked if (each.source, each.key) == (source, key)), None)


def waiting(links: Links, source: str, key: str) -> Unmatched:
    return next(each for each in links.unmatched if (each.source, each.key) == (source, key))


def last(*listings: Named, decisions: tuple[Decision, ...] = ()) -> Link | None:
    """What became of the last of these."""
    return found(link(listings, decisions), listings[-1].source, listings[-1].key)


SONNET = router("anthropic/claude-sonnet-4.5", canonical="anthropic/claude-4.5-sonnet-20250929", context=1_000_000)


def test_each_plain_name_of_a_router_makes_a_model() -> None:
    assert list(link([router("a/one"), router("b/two"), router("~b/latest", moving=True)]).models) == ["a/one", "b/two"]


def test_a_native_listing_is_linked_to_the_model_of_the_router() -> None:
    result = last(SONNET, native("claude-sonnet-4-5-20250929", "anthropic"))
    assert result is not None
    assert (result.model_id, result.relation) == ("anthropic/claude-sonnet-4.5", Relation.SNAPSHOT)


def test_a_native_listing_that_no_router_has_makes_a_model_of_its_own() -> None:
    assert list(link([native("models/aqa", "google")]).models) == ["google/aqa"]


def test_a_directory_makes_models_where_the_provider_is_the_lab_itself() -> None:
    assert list(link([entry("mistral/mistral-ocr-1"), entry("azure/model-router")]).models) == [
        "mistralai/mistral-ocr-1"
    ]


def test_two_dated_names_of_a_lab_are_two_models() -> None:
    links = link([native(f"claude-3-5-sonnet-{day}", "anthropic") for day in ("20240620", "20241022")])
    assert list(links.models) == ["anthropic/claude-3-5-sonnet-20240620", "anthropic/claude-3-5-sonnet-20241022"]


def test_a_single_dated_name_is_a_snapshot_of_the_undated_one() -> None:
    result = last(router("openai/gpt-4-turbo"), native("gpt-4-turbo-2024-04-09"))
    assert result is not None
    assert (result.model_id, result.relation) == ("openai/gpt-4-turbo", Relation.SNAPSHOT)


def test_a_dated_name_is_no_snapshot_where_another_dated_one_is_known() -> None:
    assert last(router("q/plus-1"), router("q/plus-1-2025-07-28"), priced("q/plus-1-2025-01-25")) is None


def test_the_date_of_the_canonical_slug_decides_which_snapshot_is_meant() -> None:
    undated = router("q/plus-1", canonical="q/plus-1-2025-01-25")
    result = last(undated, router("q/plus-1-2025-07-28"), priced("q/plus-1-2025-01-25"))
    assert result is not None
    assert result.model_id == "q/plus-1"


def test_a_short_date_is_never_taken_for_a_snapshot() -> None:
    assert last(router("deepseek/deepseek-v3"), priced("deepseek-v3-0324")) is None


def test_an_undated_name_is_the_only_dated_one() -> None:
    result = last(native("claude-3-7-sonnet-20250219", "anthropic"), priced("claude-3-7-sonnet"))
    assert result is not None
    assert result.confidence < 75


@pytest.mark.parametrize(("made", "asked"), [("davinci-002", "davinci"), ("gemini-1.5-pro-002", "gemini-1.5-pro")])
def test_a_revision_is_not_the_name_without_it(made: str, asked: str) -> None:
    assert last(native(made), priced(asked)) is None


def test_an_equal_canonical_slug_goes_before_the_name() -> None:
    twin = router("qwen/plus-2025-07-28:thinking", canonical="qwen/plus-2025-07-28")
    result = last(router("qwen/plus-2025-07-28", canonical="qwen/plus-2025-07-28"), twin)
    assert result is not None
    assert (result.relation, result.confidence) == (Relation.VARIANT, 98)


def test_an_equal_hugging_face_id_links_names_that_share_nothing_else() -> None:
    result = last(
        router("deepseek/deepseek-chat", hugging_face_id="deepseek-ai/DeepSeek-V3"), priced("deepseek-ai/DeepSeek-V3")
    )
    assert result is not None
    assert (result.model_id, result.confidence) == ("deepseek/deepseek-chat", 95)


def test_a_name_may_come_to_the_same_as_a_hugging_face_id() -> None:
    model = router("moonshotai/kimi-k2", hugging_face_id="moonshotai/Kimi-K2-Instruct")
    result = last(model, priced("groq/kimi-k2-instruct", "groq"))
    assert result is not None
    assert result.model_id == "moonshotai/kimi-k2"


def test_another_labs_copy_is_not_the_model() -> None:
    assert last(router("google/gemma-3-12b-it"), entry("chutes/unsloth/gemma-3-12b-it")) is None


def test_a_name_without_a_lab_must_be_the_only_one_of_all_labs() -> None:
    links = link([router("a/coder-7b"), router("b/coder-7b"), priced("coder-7b")])
    assert "equally right: a/coder-7b, b/coder-7b" in waiting(links, "litellm", "coder-7b").reason


@pytest.mark.parametrize("made", [router("openrouter/auto"), entry("morph/auto"), router("openrouter/fusion")])
def test_a_resellers_router_is_nobodys_model(made: Named) -> None:
    assert last(made, entry(f"llmgateway/{made.key.split('/')[1]}")) is None


@pytest.mark.parametrize(
    ("key", "relation"),
    [
        ("zai-org/GLM-5", Relation.SAME),
        ("zai-org/GLM-5-FP8", Relation.OFFERING),
        ("zai-org/glm-5:thinking", Relation.VARIANT),
        ("zai-org/glm-5-20260211", Relation.SNAPSHOT),
    ],
)
def test_a_suffix_says_what_the_name_is_to_the_model(key: str, relation: Relation) -> None:
    result = last(router("z-ai/glm-5"), priced(key))
    assert result is not None
    assert result.relation is relation


def test_thinking_is_a_variant_of_claude_alone() -> None:
    models = (SONNET, router("moonshotai/kimi-k2"))
    assert last(*models, priced("claude-sonnet-4-5-thinking")) is not None
    assert last(*models, priced("kimi-k2-thinking")) is None


def test_a_preview_is_another_model() -> None:
    assert last(router("tencent/hy3"), priced("tencent/hy3-preview", "x")) is None


def test_a_model_that_is_offered_as_a_free_variant_only_is_a_model_all_the_same() -> None:
    links = link([router("nvidia/nemotron-9b:free")])
    assert list(links.models) == ["nvidia/nemotron-9b"]
    assert links.linked[0].relation is Relation.VARIANT


def test_a_moving_name_is_linked_to_what_its_canonical_slug_says() -> None:
    result = last(SONNET, router("~anthropic/claude-sonnet-latest", canonical=SONNET.canonical, moving=True))
    assert result is not None
    assert result.relation is Relation.MOVING


def test_a_moving_name_without_a_slug_stays_unlinked() -> None:
    links = link([SONNET, priced("claude-sonnet-4-5-latest")])
    assert "whichever model is newest" in waiting(links, "litellm", "claude-sonnet-4-5-latest").reason


def test_more_than_twice_the_context_vetoes() -> None:
    links = link([router("a/one-1", context=100), priced("one-1", context=201)])
    assert "vetoed for a/one-1" in waiting(links, "litellm", "one-1").reason


def test_twice_the_context_does_not_veto() -> None:
    assert last(router("a/one-1", context=100), priced("one-1", context=200)) is not None


def test_a_reseller_may_offer_less_context() -> None:
    assert last(router("a/one-1", context=100), priced("one-1", context=10)) is not None


def test_a_variant_may_have_more_context() -> None:
    assert last(router("a/one-1", context=100), priced("a/one-1:extended", context=900)) is not None


def test_outputs_that_share_nothing_veto() -> None:
    assert last(router("a/one-1", outputs=("text",)), priced("one-1", outputs=("image",))) is None


def test_one_output_in_common_is_enough() -> None:
    assert last(router("a/one-1", outputs=("text",)), priced("one-1", outputs=("image", "text"))) is not None


def test_an_embedding_model_is_no_text_model() -> None:
    embedding = priced("one-1", modality=Modality.EMBEDDING)
    assert last(router("a/one-1", modality=Modality.TEXT), embedding) is None


@pytest.mark.parametrize("title", ["One 1 (May '25)", "One 1 0528", "One 1 Preview"])
def test_a_display_name_that_says_another_date_or_a_preview_vetoes(title: str) -> None:
    assert last(router("a/one-1", name="One 1"), priced("one-1", name=title)) is None


def test_a_display_name_that_says_what_the_models_own_says_does_not_veto() -> None:
    assert last(router("a/one-1", name="A: One 1 0711"), priced("one-1", name="One 1 0711")) is not None


def decided(model_id: str | None, at: int = 0) -> Decision:
    return Decision(source="litellm", key="one-1", model_id=model_id, by="ana", reason="asked the lab", at=at)


def test_a_persons_link_wins_over_every_rule_and_every_veto() -> None:
    listings = (router("a/one-1", context=1), router("b/two"), priced("one-1", context=999))
    result = last(*listings, decisions=(decided("b/two"),))
    assert result is not None
    assert (result.model_id, result.decided_by, result.confidence) == ("b/two", "ana", 100)
    assert result.evidence == "ana said so: asked the lab"


def test_a_persons_unlink_holds_against_every_rule() -> None:
    links = link([router("a/one-1"), priced("one-1")], [decided(None)])
    assert waiting(links, "litellm", "one-1").reason.startswith("ana said that no rule may link it")


def test_the_latest_word_of_a_person_counts() -> None:
    result = last(
        router("a/one-1"), router("b/two"), priced("one-1"), decisions=(decided("b/two", 2), decided(None, 1))
    )
    assert result is not None
    assert result.model_id == "b/two"


def test_a_person_may_name_a_model_that_no_anchor_has_made() -> None:
    assert list(link([priced("one-1")], [decided("a/one")]).models) == ["a/one"]


def test_an_unmatched_name_has_models_of_its_lab_that_begin_alike_as_candidates() -> None:
    listings = [router(f"a/coder-{size}b") for size in range(1, 9)] + [router("b/coder-2b"), router("a/other")]
    links = link([*listings, priced("a/coder-2b-turbo")])
    candidates = waiting(links, "litellm", "a/coder-2b-turbo").candidates
    assert candidates[0] == "a/coder-2b"
    assert len(candidates) == 5
    assert all(each.startswith("a/coder") for each in candidates)


def test_every_listing_is_either_linked_or_waits() -> None:
    links = link(ALL)
    assert len(links.linked) + len(links.unmatched) == len({(each.source, each.key) for each in ALL})


def test_a_key_that_is_a_number_is_read_by_its_slug() -> None:
    measured = Named(source="aa", key="0d1f0f0e-0000-4000-8000-00000000abcd", lab="zai", canonical="glm-4-6")
    result = last(router("z-ai/glm-4.6"), measured)
    assert result is not None
    assert result.model_id == "z-ai/glm-4.6"


def test_what_linking_needs_of_a_listing_is_taken_over() -> None:
    listing = Listing(source="s", category="model", key="k", sha256="0", observed_at=0, lab="l", max_input=7)
    assert named(listing) == Named(source="s", key="k", lab="l", context=7)


def test_anchors_are_an_argument() -> None:
    links = link([Named(source="mine", key="a/one", lab="a")], anchors=Anchors(routers=("mine",)))
    assert list(links.models) == ["a/one"]


ALL = [
    SONNET,
    router("qwen/plus-1", canonical="qwen/plus-1-2025-01-25", context=9),
    router("qwen/plus-1:free", canonical="qwen/plus-1-2025-01-25"),
    router("z-ai/glm-5:free"),
    native("claude-sonnet-4-5-20250929", "anthropic"),
    native("claude-3-5-sonnet-20240620", "anthropic"),
    native("claude-3-5-sonnet-20241022", "anthropic"),
    entry("zai/glm-5"),
    entry("zhipuai/glm-5"),
    entry("mistral/ocr-1"),
    entry("azure/claude-sonnet-4-5"),
    priced("claude-3-5-sonnet"),
    priced("plus-1", context=99),
    priced("zai-org/GLM-5-FP8"),
    priced("plus-1"),
]
DECISIONS = [decided("z-ai/glm-5"), decided(None, 1), decided("new/model", 1)]


@given(st.permutations(ALL), st.permutations(DECISIONS))
@settings(max_examples=150, deadline=None)
def test_the_order_in_which_listings_and_decisions_come_does_not_matter(
    listings: list[Named], decisions: list[Decision]
) -> None:
    assert link(listings, decisions) == link(ALL, DECISIONS)


def test_sixty_thousand_listings_take_seconds() -> None:
    models = [router(f"lab{n % 40}/model-{n}-7b", hugging_face_id=f"lab{n % 40}/Model-{n}-7B") for n in range(10_000)]
    listed = [
        priced(f"reseller{n // 10_000}/lab{n % 40}/Model-{n % 11_000}-7B-FP8", f"reseller{n // 10_000}")
        for n in range(50_000)
    ]
    began = time.process_time()
    links = link(models + listed)
    assert len(links.models) == 10_000
    assert time.process_time() - began < 30


class TestResolve:
    """A name that somebody has, by all that is linked."""

    LINKS = link(ALL)

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("anthropic/claude-sonnet-4.5", "it is the model's universal id"),
            ("azure/claude-sonnet-4-5", "modelsdev lists it"),
            ("anthropic/claude-4.5-sonnet-20250929", "its canonical slug is"),
            ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "20250929 is the date of"),
        ],
    )
    def test_a_name_resolves_and_says_why(self, name: str, why: str) -> None:
        resolution = resolve(name, self.LINKS)
        assert resolution.model_id == "anthropic/claude-sonnet-4.5"
        assert resolution.evidence.startswith(why)

    def test_every_alias_of_the_model_is_told(self) -> None:
        aliases = resolve("anthropic/claude-sonnet-4.5", self.LINKS).aliases
        assert [each.source for each in aliases] == ["anthropic", "modelsdev", "openrouter"]

    def test_a_name_that_two_models_have_resolves_to_neither(self) -> None:
        resolution = resolve("same", link([router("a/same"), router("b/same")]))
        assert (resolution.model_id, resolution.candidates) == (None, ("a/same", "b/same"))

    def test_an_unknown_name_has_candidates(self) -> None:
        resolution = resolve("claude-sonnet", self.LINKS)
        assert resolution.model_id is None
        assert "anthropic/claude-sonnet-4.5" in resolution.candidates

    def test_a_moving_name_resolves_to_nothing(self) -> None:
        assert resolve("claude-sonnet-4-5-latest", self.LINKS).model_id is None
