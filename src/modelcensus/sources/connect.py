"""An HTTP client for one source: its key in the right header, its proxy, its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from stamina.instrumentation import set_on_retry_hooks

from modelcensus.sources.adapter import Adapter
from modelcensus.sources.http import HttpClient, HttpLimits
from modelcensus.sources.http.gate import Gate


def connect(
    adapter: Adapter,
    base_url: str,
    *,
    key: str | None,
    proxy: str | None,
    limits: Mapping[str, Any],
    gates: Sequence[Gate] = (),
) -> HttpClient:
    """A client for ``base_url``. ``limits`` are fields of ``HttpLimits``. Raises ``SettingsError``."""
    # The retry library would log each retry to the terminal; what matters of it is in the sync's error.
    set_on_retry_hooks([])
    return HttpClient(
        base_url if base_url.endswith("/") else f"{base_url}/",
        headers={**adapter.headers, **_key_headers(adapter.key_header, key)},
        limits=HttpLimits(**limits),
        proxy=proxy or _proxy_of_the_environment(base_url),
        secrets=[key] if key else [],
        gates=gates,
    )


def connect_to(url: str, *, limits: HttpLimits) -> HttpClient:
    """A client for one address that is set and is no source. Raises ``SettingsError``."""
    set_on_retry_hooks([])
    return HttpClient(url, limits=limits, proxy=_proxy_of_the_environment(url))


def _key_headers(header: str | None, key: str | None) -> Mapping[str, str]:
    if not header or not key:
        return {}
    return {header: f"Bearer {key}" if header == "Authorization" else key}


def _proxy_of_the_environment(base_url: str) -> str | None:
    """What HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say about an address; none for this machine itself."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(address.scheme) or proxies.get("all")
