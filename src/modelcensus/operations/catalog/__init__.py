"""The catalog's verbs: translate, link, merge, plan, apply, curate, price."""
