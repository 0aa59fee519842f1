"""Cloud Storage's XML API spoken to a server that only knows the JSON API, for clients such as delta-rs.

Both are faces of the same objects, so each request becomes one of the JSON API: what is stored, listed and refused is the
server's doing. Only the parts of a multipart upload wait here, until their upload is completed.
"""

import json
import re
import urllib.parse
import uuid
from xml.sax.saxutils import escape

_JSON = re.compile(r"/(?:storage|upload|download|batch|resumable|b|_internal)(?:/|$)")
_BOUNDARY = "sahelwatch-xml"
_parts = {}
"""(upload, number) -> bytes."""


def is_xml(path):
    """Whether a request's path is one of the XML API: /bucket or /bucket/key."""
    return not _JSON.match(path)


def serve(upstream, method, path, body, headers):
    """Answer a request of the XML API; ``upstream`` makes one of the JSON API and gives (status, headers, body)."""
    parts = urllib.parse.urlsplit(path)
    bucket, _, quoted = parts.path.removeprefix("/").partition("/")
    query = {key: values[0] for key, values in urllib.parse.parse_qs(parts.query, keep_blank_values=True).items()}
    headers = {key.lower(): value for key, value in headers.items()}
    if not quoted:
        return _list(upstream, bucket, query)
    if "uploads" in query or "uploadId" in query:
        return _multipart(upstream, method, bucket, urllib.parse.unquote(quoted), query, body or b"")
    key = urllib.parse.quote(urllib.parse.unquote(quoted), safe="")
    if method == "PUT":
        return _put(upstream, bucket, urllib.parse.unquote(quoted), body or b"", headers)
    if method == "DELETE":
        status, _, _ = upstream("DELETE", f"/storage/v1/b/{bucket}/o/{key}")
        return (204 if status == 200 else status), [], b""
    wanted = {name: headers[name] for name in ("range",) if name in headers}
    return upstream(method, f"/storage/v1/b/{bucket}/o/{key}?alt=media", None, wanted)


def _put(upstream, bucket, key, content, headers):
    kind = headers.get("content-type", "application/octet-stream")
    described = json.dumps({"name": key, "contentType": kind}).encode()
    body = b"".join(
        (
            f"--{_BOUNDARY}\r\nContent-Type: application/json\r\n\r\n".encode(), described,
            f"\r\n--{_BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n".encode(), content, f"\r\n--{_BOUNDARY}--\r\n".encode(),
        )
    )  # fmt: skip
    condition = headers.get("x-goog-if-generation-match")
    query = "uploadType=multipart" + (f"&ifGenerationMatch={condition}" if condition is not None else "")
    status, _, answer = upstream(
        "POST", f"/upload/storage/v1/b/{bucket}/o?{query}", body,
        {"Content-Type": f'multipart/related; boundary="{_BOUNDARY}"'},
    )  # fmt: skip
    if status != 200:
        return status, [], answer
    stored = json.loads(answer)
    return 200, [("ETag", f'"{stored["etag"]}"'), ("x-goog-generation", stored["generation"])], b""


def _multipart(upstream, method, bucket, key, query, body):
    if "uploads" in query:
        answer = (
            f"<InitiateMultipartUploadResult><UploadId>{uuid.uuid4().hex}</UploadId></InitiateMultipartUploadResult>"
        )
        return 200, [("Content-Type", "application/xml")], answer.encode()
    upload = query["uploadId"]
    if method == "PUT":
        _parts[upload, int(query["partNumber"])] = body
        return 200, [("ETag", f'"{len(body)}"')], b""
    parts = [_parts.pop(part) for part in sorted(part for part in _parts if part[0] == upload)]
    if method == "DELETE":
        return 204, [], b""
    status, headers, answer = _put(upstream, bucket, key, b"".join(parts), {})
    if status == 200:
        answer = f"<CompleteMultipartUploadResult><ETag>{dict(headers)['ETag']}</ETag></CompleteMultipartUploadResult>"
    return status, [*headers, ("Content-Type", "application/xml")], answer.encode() if status == 200 else answer


def _list(upstream, bucket, query):
    asked = {"prefix": query.get("prefix", ""), "delimiter": query.get("delimiter", "")}
    asked["startOffset"] = query.get("start-after", "")
    status, _, answer = upstream("GET", f"/storage/v1/b/{bucket}/o?{urllib.parse.urlencode(asked)}")
    if status != 200:
        return status, [], answer
    listed = json.loads(answer)
    entries = "".join(
        f"<Contents><Key>{escape(one['name'])}</Key><Size>{one['size']}</Size><ETag>{escape(one['etag'])}</ETag>"
        f"<LastModified>{one['updated']}</LastModified></Contents>"
        for one in listed.get("items", ())
        if one["name"] > asked["startOffset"]
    )
    entries += "".join(
        f"<CommonPrefixes><Prefix>{escape(prefix)}</Prefix></CommonPrefixes>" for prefix in listed.get("prefixes", ())
    )
    body = f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>{entries}</ListBucketResult>'
    return 200, [("Content-Type", "application/xml")], body.encode()
