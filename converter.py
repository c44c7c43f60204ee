"""How our models cross Temporal: as JSON without what is at its default, so that histories stay small."""

from __future__ import annotations

from typing import Any

from pydantic_core import SchemaSerializer
from pydantic_core.core_schema import any_schema
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

_SERIALIZER = SchemaSerializer(any_schema())


class SparseJSONConverter(PydanticJSONPlainPayloadConverter):
    """Pydantic's converter, leaving defaults out: whoever reads fills them in again."""

    def to_payload(self, value: Any) -> Payload | None:
        data = _SERIALIZER.to_json(value, exclude_defaults=True)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)


_JSON = SparseJSONConverter()
_CONVERTERS = tuple(
    _JSON if isinstance(each, JSONPlainPayloadConverter) else each
    for each in DefaultPayloadConverter.default_encoding_payload_converters
)


class SparseConverter(CompositePayloadConverter):
    """The SDK makes one twice for each activation, so its parts are made once; they keep no state."""

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


DATA_CONVERTER = DataConverter(payload_converter_class=SparseConverter)
