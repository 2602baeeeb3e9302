"""A span of OpenTelemetry for each request, sent by OTLP over HTTP where the settings say so."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from modelcensus.version import __version__


class Tracing:
    """Spans of requests. Make it only where ``api.otel_endpoint`` is set: its imports take a while."""

    def __init__(self, endpoint: str) -> None:
        # Imported here: only whoever collects traces pays for it.
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        # Made by ourselves and not global: two applications in one process do not mix their spans.
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "modelcensus", "service.version": __version__}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=_traces_at(endpoint), timeout=5)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=2000))
        self._tracer = self._provider.get_tracer("modelcensus")
        self._propagator = TraceContextTextMapPropagator()
        self._kind = trace.SpanKind.SERVER
        self._failed = trace.Status(trace.StatusCode.ERROR)

    def begun(self, method: str, headers: list[tuple[bytes, bytes]]) -> Any:
        """The span of a request that begins now, within its caller's trace if there is one."""
        carrier = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in headers
            if name in (b"traceparent", b"tracestate")
        }
        return self._tracer.start_span(method, context=self._propagator.extract(carrier), kind=self._kind)

    def ended(self, span: Any, *, method: str, route: str, path: str, status: int, request_id: str) -> None:
        """The request has been answered. ``path`` holds no token."""
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "url.path": path,
                "http.response.status_code": status,
                "http.request.header.x-request-id": (request_id,),
            }
        )
        if status >= 500:
            span.set_status(self._failed)
        span.end()

    def close(self) -> None:
        """Send what is left; it may take a few seconds."""
        self._provider.shutdown()


def _traces_at(endpoint: str) -> str:
    """Where traces go below a collector's address, as OTEL_EXPORTER_OTLP_ENDPOINT names it."""
    parts = urlsplit(endpoint)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith("/v1/traces") else f"{path}/v1/traces"))
