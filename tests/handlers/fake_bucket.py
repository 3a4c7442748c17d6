"""One bucket in memory, as a client sees it: writes under conditions, and no object is ever half there."""

import hashlib
import io
from types import SimpleNamespace
from typing import Any

from tests.handlers.fake_cloudformation import refusal


class FakeBucket:
    """Objects by key; what a test puts there by hand was altered by somebody."""

    meta = SimpleNamespace(endpoint_url="https://s3.us-east-1.amazonaws.com")

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        """Every key that was written, in order."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert Bucket
        if Key not in self.objects:
            raise refusal("GetObject", "NoSuchKey", "The specified key does not exist.", 404)
        return {"Body": io.BytesIO(self.objects[Key]), "ETag": self._etag(Key)}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **condition: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket
        is_there = Key in self.objects
        if condition.get("IfNoneMatch") and is_there:
            raise refusal("PutObject", "PreconditionFailed", "At least one of the pre-conditions did not hold", 412)
        if condition.get("IfMatch") and (not is_there or condition["IfMatch"] != self._etag(Key)):
            raise refusal("PutObject", "PreconditionFailed", "At least one of the pre-conditions did not hold", 412)
        self.objects[Key] = Body
        self.puts.append(Key)
        return {"ETag": self._etag(Key)}

    def _etag(self, key: str) -> str:
        return f'"{hashlib.sha256(self.objects[key]).hexdigest()[:32]}"'
