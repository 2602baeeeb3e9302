from __future__ import annotations

import json

from tests.cli.program import Program, a_model


def test_models_show_tells_who_offers_a_model_cheapest_first_and_what_was_measured(program: Program) -> None:
    listed = a_model("lab/one")
    listed["benchmarks"] = {"artificial_analysis": {"intelligence_index": 41.5}}
    program.keep("20260301T120000Z", listed)
    program.read()
    offers = [
        {"model_id": "lab/one", "provider_name": name, "tag": name.lower(), "context_length": 8192,
         "pricing": {"prompt": price, "completion": price}}
        for name, price in (("Dear", "0.000009"), ("Cheap", "0.000001"), ("Mute", None))
    ]  # fmt: skip
    folder = program.folder / "offers"
    folder.mkdir()
    (folder / "20260301T120100Z.json").write_text(json.dumps({"models": [{"id": "lab/one", "endpoints": offers}]}))
    program("import", "offers", "--source", "openrouter", "--category", "endpoint")
    program("apply", program("plan", "--json").document["digest"])
    ran = program("models", "show", "lab/one")
    assert ran.out.index("Cheap") < ran.out.index("Dear") < ran.out.index("Mute")
    assert "41.5" in ran.out
    assert "Artificial Analysis" in ran.out
    found = program("models", "show", "lab/one", "--json").document
    assert {each["provider"] for each in found["offerings"]} == {"Cheap", "Dear", "Mute"}
