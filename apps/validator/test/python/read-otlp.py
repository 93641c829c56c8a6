"""Reads bodies of OTLP trace exports, base64, one a line of stdin, by OpenTelemetry's own classes, and prints their spans as JSON.

Whatever those classes do not know is an error: a field that they skip would be one that collectors skip too.
"""

import base64
import json
import sys

from google.protobuf import unknown_fields
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


def refuse_unknown(message):
    if len(unknown_fields.UnknownFieldSet(message)) > 0:
        raise SystemExit(f"unknown fields in {message.DESCRIPTOR.full_name}")
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in value if isinstance(value, (list, tuple)) or hasattr(value, "add") else [value]:
                refuse_unknown(each)


def facts(attributes):
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


spans = []
for line in sys.stdin:
    request = ExportTraceServiceRequest.FromString(base64.b64decode(line))
    refuse_unknown(request)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                spans.append(
                    {
                        "resource": facts(resource.resource.attributes),
                        "scope": scope.scope.name,
                        "traceId": span.trace_id.hex(),
                        "spanId": span.span_id.hex(),
                        "parentSpanId": span.parent_span_id.hex(),
                        "name": span.name,
                        "kind": Span.SpanKind.Name(span.kind),
                        "status": Status.StatusCode.Name(span.status.code),
                        "startedNs": str(span.start_time_unix_nano),
                        "endedNs": str(span.end_time_unix_nano),
                        "facts": facts(span.attributes),
                        "events": [event.name for event in span.events],
                    }
                )
json.dump(spans, sys.stdout)
