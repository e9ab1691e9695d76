"""The real Qdrant engine (wheel qdrant-edge-py) behind the few REST routes that Lectern's client uses.

Paths, requests and responses have the shapes of Qdrant's OpenAPI document. What the engine does not do and a server
does is added here: collections, aliases, strict mode's check of filtered fields, statuses of errors. Test support only.
Usage: qdrant_edge_server.py FOLDER; prints {"port": N} when it listens on 127.0.0.1.
"""

import json
import re
import shutil
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import qdrant_edge as q

DISTANCES = {"Cosine": q.Distance.Cosine, "Dot": q.Distance.Dot, "Euclid": q.Distance.Euclid}
FIELD_TYPES = {"keyword": q.PayloadSchemaType.Keyword, "float": q.PayloadSchemaType.Float}
UPDATE_MODES = {"upsert": q.UpdateMode.Upsert, "insert_only": q.UpdateMode.InsertOnly, "update_only": q.UpdateMode.UpdateOnly}


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Collection:
    def __init__(self, path, body):
        self.path = path
        self.dimensions = {name: spec["size"] for name, spec in body["vectors"].items()}
        self.strict = body.get("strict_mode_config") or {}
        self.indexed = set()
        self.lock = threading.Lock()
        idf = {name: (spec or {}).get("modifier") == "idf" for name, spec in body.get("sparse_vectors", {}).items()}
        self.shard = q.EdgeShard.create(
            str(path),
            q.EdgeConfig(
                vectors={name: q.EdgeVectorParams(size=spec["size"], distance=DISTANCES[spec["distance"]]) for name, spec in body["vectors"].items()},
                sparse_vectors={name: q.EdgeSparseVectorParams(modifier=q.Modifier.Idf if has else None) for name, has in idf.items()},
            ),
        )

    def filter(self, spec, updating=False):
        if spec is None:
            return None
        guard = "unindexed_filtering_update" if updating else "unindexed_filtering_retrieve"
        if self.strict.get("enabled") and self.strict.get(guard) is False:
            for key in keys_of(spec):
                if key not in self.indexed:
                    raise Refused(400, f'Bad request: Index required but not found for "{key}"')
        return to_filter(spec)

    def limit(self, limit):
        allowed = self.strict.get("max_query_limit")
        if self.strict.get("enabled") and allowed is not None and limit > allowed:
            raise Refused(400, f"Bad request: Limit exceeded {limit} > {allowed} for \"limit\"")
        return limit


def keys_of(spec):
    for clause in ("must", "should", "must_not"):
        for condition in spec.get(clause) or []:
            if "key" in condition:
                yield condition["key"]
            else:
                yield from keys_of(condition)


def to_filter(spec):
    clauses = {name: [to_condition(condition) for condition in spec[name]] for name in ("must", "should", "must_not") if spec.get(name)}
    return q.Filter(**clauses)


def to_condition(condition):
    if "key" not in condition:
        return to_filter(condition)
    match = condition.get("match")
    if match is not None:
        return q.FieldCondition(key=condition["key"], match=to_match(match))
    return q.FieldCondition(key=condition["key"], range=q.RangeFloat(**condition["range"]))


def to_match(match):
    if "any" in match:
        return q.MatchAny(match["any"])
    return q.MatchPhrase(match["phrase"]) if "phrase" in match else q.MatchValue(match["value"])


def to_field_type(schema):
    if isinstance(schema, str):
        return FIELD_TYPES[schema]
    tokenizer = {"whitespace": q.TokenizerType.Whitespace}[schema["tokenizer"]]
    return q.TextIndexParams(tokenizer=tokenizer, lowercase=schema["lowercase"], phrase_matching=schema["phrase_matching"])


def to_vector(value):
    return q.SparseVector(value["indices"], value["values"]) if isinstance(value, dict) else value


def to_payload(selected):
    return q.PayloadSelector.Include(selected) if isinstance(selected, list) else bool(selected)


class Engine:
    """Collections by name, and the aliases that lead to them."""

    def __init__(self, folder):
        self.folder = folder
        self.collections = {}
        self.aliases = {}
        self.lock = threading.Lock()
        self.made = 0

    def find(self, name):
        collection = self.collections.get(self.aliases.get(name, name))
        if collection is None:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return collection

    def list(self, _, __):
        return {"collections": [{"name": name} for name in self.collections]}

    def create(self, name, body):
        with self.lock:
            if name in self.collections:
                raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
            self.made += 1
            self.collections[name] = Collection(self.folder / f"{name}-{self.made}", body)
        return True

    def drop(self, name, _):
        with self.lock:
            collection = self.collections.pop(name, None)
            self.aliases = {alias: target for alias, target in self.aliases.items() if target != name}
        if collection is None:
            return False
        with collection.lock:
            collection.shard.close()
            shutil.rmtree(collection.path)
        return True

    def change_aliases(self, _, body):
        with self.lock:
            for action in body["actions"]:
                wanted = action["create_alias"]
                if wanted["collection_name"] not in self.collections:
                    raise Refused(404, f"Not found: Collection `{wanted['collection_name']}` doesn't exist!")
                self.aliases[wanted["alias_name"]] = wanted["collection_name"]
        return True

    def list_aliases(self, _, __):
        return {"aliases": [{"alias_name": alias, "collection_name": name} for alias, name in self.aliases.items()]}

    def update(self, name, operation):
        collection = self.find(name)
        with collection.lock:
            collection.shard.update(operation(collection))
        return {"operation_id": 0, "status": "completed"}

    def index_field(self, name, body):
        def operation(collection):
            collection.indexed.add(body["field_name"])
            return q.UpdateOperation.create_field_index(body["field_name"], to_field_type(body["field_schema"]))

        return self.update(name, operation)

    def upsert(self, name, body):
        def operation(collection):
            points = []
            for point in body["points"]:
                for vector, dimensions in collection.dimensions.items():
                    given = point["vector"].get(vector)
                    if given is not None and len(given) != dimensions:
                        raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {dimensions}, got {len(given)}")
                vectors = {key: to_vector(value) for key, value in point["vector"].items()}
                points.append(q.Point(point["id"], vectors, point.get("payload")))
            condition = collection.filter(body.get("update_filter"), updating=True)
            return q.UpdateOperation.upsert_points(points, condition, UPDATE_MODES[body.get("update_mode") or "upsert"])

        return self.update(name, operation)

    def delete(self, name, body):
        def operation(collection):
            if "points" in body:
                return q.UpdateOperation.delete_points(body["points"])
            return q.UpdateOperation.delete_points_by_filter(collection.filter(body["filter"], updating=True))

        return self.update(name, operation)

    def set_payload(self, name, body):
        def operation(collection):
            return q.UpdateOperation.set_payload_by_filter(collection.filter(body["filter"], updating=True), body["payload"])

        return self.update(name, operation)

    def count(self, name, body):
        collection = self.find(name)
        with collection.lock:
            return {"count": collection.shard.count(q.CountRequest(exact=body.get("exact", True), filter=collection.filter(body.get("filter"))))}

    def retrieve(self, name, body):
        collection = self.find(name)
        with collection.lock:
            records = collection.shard.retrieve(body["ids"], with_payload=to_payload(body.get("with_payload")), with_vector=False)
        return [{"id": str(record.id), "payload": record.payload} for record in records]

    def scroll(self, name, body):
        collection = self.find(name)
        with collection.lock:
            request = q.ScrollRequest(
                offset=body.get("offset"),
                limit=collection.limit(body.get("limit", 10)),
                filter=collection.filter(body.get("filter")),
                with_payload=to_payload(body.get("with_payload", True)),
            )
            records, following = collection.shard.scroll(request)
        points = [{"id": str(record.id), "payload": record.payload} for record in records]
        return {"points": points, "next_page_offset": None if following is None else str(following)}

    def query_batch(self, name, body):
        collection = self.find(name)
        with collection.lock:
            requests = [
                q.QueryRequest(
                    limit=collection.limit(search["limit"]),
                    query=q.Query.Nearest(to_vector(search["query"]), search["using"]),
                    filter=collection.filter(search.get("filter")),
                    with_payload=to_payload(search.get("with_payload")),
                )
                for search in body["searches"]
            ]
            found = collection.shard.query_batch(q.QueryBatchRequest(requests))
        return [
            {"points": [{"id": str(hit.id), "version": hit.version, "score": hit.score, "payload": hit.payload} for hit in hits]} for hits in found
        ]


ROUTES = [
    ("GET", r"/collections", Engine.list),
    ("POST", r"/collections/aliases", Engine.change_aliases),
    ("GET", r"/aliases", Engine.list_aliases),
    ("PUT", r"/collections/([^/]+)", Engine.create),
    ("DELETE", r"/collections/([^/]+)", Engine.drop),
    ("PUT", r"/collections/([^/]+)/index", Engine.index_field),
    ("PUT", r"/collections/([^/]+)/points", Engine.upsert),
    ("POST", r"/collections/([^/]+)/points", Engine.retrieve),
    ("POST", r"/collections/([^/]+)/points/delete", Engine.delete),
    ("POST", r"/collections/([^/]+)/points/payload", Engine.set_payload),
    ("POST", r"/collections/([^/]+)/points/count", Engine.count),
    ("POST", r"/collections/([^/]+)/points/scroll", Engine.scroll),
    ("POST", r"/collections/([^/]+)/points/query/batch", Engine.query_batch),
]


def make_handler(engine):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def serve(self):
            began = time.monotonic()
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            path = self.path.split("?")[0]
            status, answer = 404, {"status": {"error": f"no route {self.command} {path}"}}
            for method, pattern, call in ROUTES:
                match = re.fullmatch(pattern, path)
                if match and method == self.command:
                    try:
                        status, answer = 200, {"result": call(engine, match[1] if match.groups() else None, body), "status": "ok"}
                    except Refused as refused:
                        status, answer = refused.status, {"status": {"error": str(refused)}}
                    except Exception as error:
                        status, answer = 500, {"status": {"error": f"Service internal error: {error}"}}
                    break
            answer["time"] = time.monotonic() - began
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = serve

    return Handler


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(Engine(Path(sys.argv[1]))))
    server.daemon_threads = True
    print(json.dumps({"port": server.server_port}), flush=True)
    # Ends with the test that started it, even one that was killed: its end of our stdin closes.
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever()
