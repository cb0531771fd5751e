"""The parts of an office on several machines, as compose and Kubernetes are told of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tasks.case.keys import NAMES
from tests.deploy.proxy import DEPLOY

Document = dict[str, Any]


def examples() -> dict[str, dict[str, str]]:
    """The variables of each `<name>.env.example`, by name."""
    return {
        path.name.removesuffix(".env.example"): _variables(path)
        for path in sorted(DEPLOY.glob("*.env.example"))
    }


def _variables(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@cache
def compose() -> Document:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@cache
def kustomization() -> Document:
    return yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())


@cache
def manifests() -> tuple[Document, ...]:
    """Every Kubernetes resource that kustomize is told of."""
    return tuple(
        document
        for name in kustomization()["resources"]
        for document in yaml.safe_load_all((DEPLOY / name).read_text())
    )


def of_kind(*kinds: str) -> dict[str, Document]:
    """The resources of some kinds, by name."""
    return {d["metadata"]["name"]: d for d in manifests() if d["kind"] in kinds}


def workloads() -> dict[str, Document]:
    """What runs, by name: the specification of its pods, with their labels."""
    return {
        name: document["spec"]["template"]
        for name, document in of_kind("Deployment", "StatefulSet", "Job").items()
    }


class Container(NamedTuple):
    """A container, wherever it is told of."""

    place: str
    image: str
    command: tuple[str, ...]
    settings: str | None
    """Which of the example files its variables come from."""
    secrets: frozenset[str]
    """The names below /run/secrets."""


def containers() -> Iterator[Container]:
    """Every container of compose and of Kubernetes."""
    for name, service in compose()["services"].items():
        file = service.get("env_file")
        yield Container(
            f"compose {name}",
            service["image"],
            tuple(service.get("command", ())),
            file and file.removesuffix(".env"),
            frozenset(service.get("secrets", ())),
        )
    for name, template in workloads().items():
        pod = template["spec"]
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            sources = [one["configMapRef"]["name"] for one in container.get("envFrom", ())]
            yield Container(
                f"kubernetes {name}/{container['name']}",
                _image(container["image"]),
                tuple(container.get("command", container.get("args", ()))),
                sources[0] if sources else None,
                frozenset(_secrets(pod, container)),
            )


def _image(name: str) -> str:
    known = {image["name"]: image for image in kustomization()["images"]}
    told = known.get(name)
    return f"{told['newName']}:{told['newTag']}" if told else name


def _secrets(pod: Document, container: Document) -> Iterator[str]:
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for mount in container["volumeMounts"]:
        if mount["mountPath"] == "/run/secrets":
            yield from secrets()[volumes[mount["name"]]["secret"]["secretName"]]


def secrets() -> dict[str, list[str]]:
    """The keys of each Secret that kustomize makes."""
    return {
        one["name"]: [Path(file).name for file in one["files"]]
        for one in kustomization()["secretGenerator"]
    }


def config_maps() -> dict[str, Document]:
    """Each ConfigMap that kustomize makes."""
    return {one["name"]: one for one in kustomization()["configMapGenerator"]}


def named_secrets(values: dict[str, str]) -> set[str]:
    """The secrets that some variables name."""
    files = (re.fullmatch(r"/run/secrets/(\w+)", value) for value in values.values())
    given = {f"{name}.secret" for name in NAMES} if "LETTERS_KEYS" in values else set()
    return {found[1] for found in files if found} | given
