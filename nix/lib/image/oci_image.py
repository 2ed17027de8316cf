# ruff: noqa: INP001 - a program that Nix runs by its path
"""``oci_image.py SPEC OUT GRAPH...``: write the OCI image of a bundle's closure as one archive.

SPEC is the JSON that default.nix writes, GRAPH what Nix exports of a closure. The layout is that of
the OCI Image Format Specification 1.0; a ``manifest.json`` beside it is what `docker load` reads.
The same closure gives the same bytes: nothing in it has a time, an owner or an order of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shlex
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
USER: Final = 1000
STATE: Final = "state"
WRITABLE: Final = "writable"
"""Below the state: the directories of its tree that the app writes to."""

FIRST: Final = "hop3-writable"
"""What the build has in these."""

START: Final = "/bin/hop3-start"
CREATED: Final = "1970-01-01T00:00:01Z"
NONE: Final = MappingProxyType[Path, str]({})
_OCI: Final = "application/vnd.oci.image"
_COMPRESSION: Final = 6
_TAG: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME: Final = re.compile(r"[^a-z0-9]+")
_FULL: Final = re.compile(
    r"(localhost|[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+)(:[0-9]+)?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+"
)
"""A name with its registry (https://github.com/distribution/reference)."""


class Layer(NamedTuple):
    """A layer as it was written: where, its digest, size in bytes, and digest uncompressed."""

    file: Path
    digest: str
    size: int
    diff_id: str
    origin: str


class _Digesting(io.RawIOBase):
    """A stream that hashes what passes through it to another."""

    def __init__(self, to: Any) -> None:
        self.digest, self.size, self._to = hashlib.sha256(), 0, to

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        self._to.write(data)
        return len(data)


def tree_size(path: Path) -> int:
    """Return the bytes of the files under ``path``."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(
        Path(parent, name).lstat().st_size for parent, _, names in os.walk(path) for name in names
    )


def references(graph: str) -> dict[Path, set[Path]]:
    """Return what each path of a graph refers to, as Nix exports it (exportReferencesGraph)."""
    lines = iter(graph.splitlines())
    found = {}
    for path in lines:
        next(lines)
        count = int(next(lines))
        found[Path(path)] = {Path(next(lines)) for _ in range(count)} - {Path(path)}
    return found


def from_the_bottom(closure: dict[Path, set[Path]]) -> list[Path]:
    """Return the paths of ``closure``, each behind all that it refers to."""
    heights: dict[Path, int] = {}

    def height(path: Path) -> int:
        if path not in heights:
            heights[path] = 1 + max(map(height, closure[path]), default=0)
        return heights[path]

    return sorted(closure, key=lambda path: (height(path), path))


def grouped(paths: Sequence[Path], late: Sequence[Path], limit: int) -> list[list[Path]]:
    """Return ``paths`` in at most ``limit`` groups, the ``late`` ones last.

    What changes least is sent and unpacked once: a changed layer changes the names of all above it.
    The smallest paths share the first group when there are too many.
    """
    early = [path for path in paths if path not in late]
    room = limit - len(late)
    if early and room < 1:
        return [[*early, *late]] if limit == 1 else [early, list(late)]
    by_size = sorted(early, key=lambda path: (-tree_size(path), path))
    shared = set(by_size[room - 1 :] if len(early) > room else ())
    alone = [[path] for path in [*early, *late] if path not in shared]
    return [[path for path in early if path in shared], *alone] if shared else alone


def entry(name: str, kind: bytes, mode: int, owner: int = 0) -> tarfile.TarInfo:
    """Return the header of an entry; the store's times and root's ownership for all."""
    info = tarfile.TarInfo(name.lstrip("/"))
    info.type, info.mode, info.mtime = kind, mode, 1
    info.uid = info.gid = owner
    return info


def add_link(archive: tarfile.TarFile, name: str, target: str) -> None:
    """Add a symbolic link."""
    info = entry(name, tarfile.SYMTYPE, 0o777)
    info.linkname = target
    archive.addfile(info)


def add_text(archive: tarfile.TarFile, name: str, text: str, mode: int = 0o444) -> None:
    """Add a file of ``text``."""
    content = text.encode()
    info = entry(name, tarfile.REGTYPE, mode)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def add_tree(
    archive: tarfile.TarFile, path: Path, name: str = "", kept: Mapping[Path, str] = NONE
) -> None:
    """Add ``path`` and all below it, as ``name``; of ``kept`` a link to where the app writes.

    Files that the store has linked to one are added in full.
    """
    name = name or str(path)
    if path in kept:
        add_link(archive, name, f"/{STATE}/{WRITABLE}/{kept[path]}")
    elif path.is_symlink():
        add_link(archive, name, str(path.readlink()))
    elif path.is_dir():
        archive.addfile(entry(name, tarfile.DIRTYPE, 0o555))
        for below in sorted(path.iterdir()):
            add_tree(archive, below, f"{name}/{below.name}", kept)
    else:
        status = path.stat()
        info = entry(name, tarfile.REGTYPE, 0o555 if status.st_mode & 0o100 else 0o444)
        info.size = status.st_size
        with path.open("rb") as content:
            archive.addfile(info, content)


def kept_directories(spec: dict[str, Any]) -> dict[Path, str]:
    """Return the directories of the tree that the app writes to, and how it names each."""
    if not spec["writable"]:
        return {}
    said = json.loads(Path(spec["bundle"], "hop3/workers.json").read_text(encoding="utf-8"))
    return {Path(said["tree"], name): name for name in spec["writable"]}


def add_first_contents(archive: tarfile.TarFile, spec: dict[str, Any]) -> None:
    """Add what the build has in directories that the app writes to, to be copied at a start."""
    made = {Path()}
    for path, name in sorted(kept_directories(spec).items()):
        for parent in reversed(Path(FIRST, name).parents):
            if parent not in made:
                archive.addfile(entry(str(parent), tarfile.DIRTYPE, 0o755))
                made.add(parent)
        add_tree(archive, path, f"{FIRST}/{name}")


def launchers(spec: dict[str, Any]) -> dict[str, str]:
    """Return the launcher of everything that a container can be started as, by its name."""
    bundle = Path(spec["bundle"])
    runtime = json.loads((bundle / "hop3/runtime.json").read_text(encoding="utf-8"))
    named = {"before-run": bundle / "hop3/before-run"} if runtime.get("before_run") else {}
    named |= {name: bundle / "bin" / name for name in spec["workers"]}
    return {name: str(file) for name, file in named.items() if file.exists()}


def enter_script(spec: dict[str, Any]) -> str:
    """Return the first process of a container, with the places that it needs."""
    programs = spec["programs"]
    values = {"bundle": spec["bundle"], "port": str(spec["port"]), "env": programs["usr/bin/env"]}
    values["writable"] = shlex.join(spec["writable"])
    text = Path(spec["enter"]).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return f"#!{programs['bin/sh']}\n{text}"


def add_start(archive: tarfile.TarFile, spec: dict[str, Any]) -> None:
    """Add the first process of a container, and a name in /bin for all that it can start.

    It names the bundle, so that it changes with it. What is there by that name stays.
    """
    add_text(archive, START, enter_script(spec), 0o555)
    for name in launchers(spec):
        if f"bin/{name}" not in (START.lstrip("/"), *spec["programs"]):
            add_link(archive, f"bin/{name}", START)
    add_first_contents(archive, spec)


def add_base(archive: tarfile.TarFile, spec: dict[str, Any]) -> None:
    """Add what a process expects beside its closure: a shell, users' names, and places to write."""
    store, programs = spec["store"], spec["programs"]
    places = [Path(store), *(Path("/", name).parent for name in programs)]
    for parent in sorted({above for place in places for above in (place, *place.parents)})[1:]:
        archive.addfile(entry(str(parent), tarfile.DIRTYPE, 0o755))
    for name, program in sorted(programs.items()):
        add_link(archive, name, program)
    archive.addfile(entry("tmp", tarfile.DIRTYPE, 0o1777))
    # Whatever user a platform chooses, its group is 0 where it has no other.
    state = entry(STATE, tarfile.DIRTYPE, 0o770, USER)
    state.gid = 0
    archive.addfile(state)
    archive.addfile(entry("etc", tarfile.DIRTYPE, 0o755))
    files = {
        "etc/group": f"root:x:0:\napp:x:{USER}:\n",
        "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
        "etc/nsswitch.conf": "hosts: files dns\n",
        "etc/passwd": f"root:x:0:0::/:/bin/sh\napp:x:{USER}:{USER}::/{STATE}:/bin/sh\n",
    }
    for name, text in files.items():
        add_text(archive, name, text)


def write_layer(file: Path, spec: dict[str, Any], paths: Sequence[Path]) -> Layer:
    """Write the layer of ``paths`` to ``file``; without paths, what stands beside the store."""
    with file.open("wb") as raw:
        outer = _Digesting(raw)
        with gzip.GzipFile("", "wb", _COMPRESSION, outer, mtime=0) as packed:
            inner = _Digesting(packed)
            with tarfile.open(fileobj=inner, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                for path in paths:
                    add_tree(archive, path, kept=kept_directories(spec))
                if not paths:
                    add_base(archive, spec)
                elif Path(spec["bundle"]) in paths:
                    add_start(archive, spec)
    origin = f"{paths[0].name}{' and others' if paths[1:] else ''}" if paths else "beside the store"
    return Layer(file, outer.digest.hexdigest(), outer.size, inner.digest.hexdigest(), origin)


def configuration(spec: dict[str, Any], layers: Sequence[Layer]) -> dict[str, Any]:
    """Return the image's configuration: how the bundle's runtime.json says that it runs."""
    bundle, port = spec["bundle"], spec["port"]
    runtime = json.loads(Path(bundle, "hop3/runtime.json").read_text(encoding="utf-8"))
    environment = {
        "HOME": f"/{STATE}",
        "HOP3_STATE_DIR": f"/{STATE}",
        "PORT": str(port),
        **runtime["env_vars"],
        # Behind the app's own programs, the workers: `--entrypoint worker`.
        "PATH": ":".join([*runtime["path_prepend"], "/bin"]),
    }
    told = {
        "org.opencontainers.image.title": spec["title"],
        "org.opencontainers.image.version": spec["version"],
        "org.opencontainers.image.description": spec["description"],
    }
    started = launchers(spec)
    labels = {f"hop3.worker.{name}": file for name, file in started.items()}
    if before := labels.pop("hop3.worker.before-run", None):
        labels["hop3.before-run"] = before
    labels |= {f"hop3.static.{url}": path for url, path in runtime["static_paths"].items()}
    if spec["worker"] not in started and not spec["entrypoint"]:
        sys.exit(f"{spec['title']}: no program is started for {spec['worker']}: {[*started]}")
    config: dict[str, Any] = {
        "User": f"{USER}:{USER}",
        "Env": [f"{name}={value}" for name, value in sorted(environment.items())],
        "Entrypoint": spec["entrypoint"] or [START],
        **({} if spec["entrypoint"] else {"Cmd": [spec["worker"]]}),
        "WorkingDir": runtime["working_dir"],
        "ExposedPorts": {f"{port}/tcp": {}},
        "StopSignal": "SIGTERM",
        "Volumes": {f"/{STATE}": {}},
        "Labels": {name: text for name, text in told.items() if text} | labels | spec["labels"],
    }
    return {
        "created": CREATED,
        "architecture": ARCHITECTURES[spec["system"].partition("-")[0]],
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one.diff_id}" for one in layers]},
        "history": [{"created": CREATED, "created_by": f"Nix: {one.origin}"} for one in layers],
    }


def tag_of(spec: dict[str, Any]) -> str:
    """Return the tag, of the letters that a tag may have."""
    return _TAG.sub("-", spec["tag"]).lstrip(".-")[:128] or "latest"


def name_of(spec: dict[str, Any]) -> str:
    """Return the name in full; one without a registry is of `localhost`, as podman says it.

    What reads the file takes a name without one to mean registries that differ.
    """
    if _FULL.fullmatch(spec["name"]):
        return str(spec["name"])
    return f"localhost/{_NAME.sub('-', spec['name'].lower()).strip('-') or 'app'}"


def members(spec: dict[str, Any], layers: Sequence[Layer]) -> Iterator[tuple[str, bytes | Path]]:
    """Yield name and content of every file of the archive."""
    blobs: dict[str, bytes] = {}

    def blob(kind: str, value: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(value, sort_keys=True).encode()
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    config = blob(f"{_OCI}.config.v1+json", configuration(spec, layers))
    described = [
        {
            "mediaType": f"{_OCI}.layer.v1.tar+gzip",
            "digest": f"sha256:{layer.digest}",
            "size": layer.size,
        }
        for layer in layers
    ]
    kind = f"{_OCI}.manifest.v1+json"
    manifest = blob(
        kind, {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": described}
    )
    tag, name = tag_of(spec), name_of(spec)
    # Who loads it calls it by the first, whole; skopeo finds it in the file by the second.
    annotations = {
        "io.containerd.image.name": f"{name}:{tag}",
        "org.opencontainers.image.ref.name": tag,
    }
    index = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.index.v1+json",
        "manifests": [{**manifest, "annotations": annotations}],
    }
    loaded = {
        "Config": _place(config["digest"].removeprefix("sha256:")),
        "RepoTags": [f"{name}:{tag}"],
        "Layers": [_place(layer.digest) for layer in layers],
    }
    yield "oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"}).encode()
    yield "index.json", json.dumps(index, sort_keys=True).encode()
    yield "manifest.json", json.dumps([loaded], sort_keys=True).encode()
    for digest, content in sorted(blobs.items()):
        yield _place(digest), content
    for layer in layers:
        yield _place(layer.digest), layer.file


def _place(digest: str) -> str:
    return f"blobs/sha256/{digest}"


def main(spec_file: str, out: str, *graphs: str) -> None:
    """Write the archive."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    closure: dict[Path, set[Path]] = {}
    for graph in graphs:
        closure |= references(Path(graph).read_text(encoding="utf-8"))
    late = [path for path in (Path(spec["app"]), Path(spec["bundle"])) if path in closure]
    groups = [[], *grouped(from_the_bottom(closure), late, spec["maxLayers"] - 1)]
    scratch = Path("layers")
    scratch.mkdir()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [
            pool.submit(write_layer, scratch / str(number), spec, paths)
            for number, paths in enumerate(groups)
        ]
        layers = [task.result() for task in tasks]
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry("blobs", tarfile.DIRTYPE, 0o755))
        archive.addfile(entry("blobs/sha256", tarfile.DIRTYPE, 0o755))
        for name, content in members(spec, layers):
            info = entry(name, tarfile.REGTYPE, 0o444)
            if isinstance(content, Path):
                info.size = content.stat().st_size
                with content.open("rb") as data:
                    archive.addfile(info, data)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


if __name__ == "__main__":
    main(*sys.argv[1:])
