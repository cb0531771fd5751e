"""Compose file and Kubernetes manifests fit their schemas, each other, and the product."""

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest

from config.settings import load_settings
from flows.engine_settings import SHARED_SERVER
from tasks.case.keys import NAMES
from tests.deploy.parts import (
    compose,
    config_maps,
    containers,
    examples,
    kustomization,
    manifests,
    named_secrets,
    of_kind,
    secrets,
    workloads,
)
from tests.deploy.proxy import DEPLOY

KUBERNETES = "1.34"
PROGRAMS = Path(sys.executable).parent

everywhere = pytest.mark.parametrize(
    "container", [pytest.param(one, id=one.place) for one in containers()]
)


def with_values(settings, tmp_path):
    """Variables as a container sees them, with secrets that can be read."""
    (tmp_path / "secret").write_text("user:word")
    return {
        name: str(tmp_path / "secret") if value.startswith("/run/secrets/") else value
        for name, value in settings.items()
    }


# Their schemas


def test_the_compose_file_fits_its_schema():
    command = [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run([*command, DEPLOY / "compose.yaml"], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "document",
    [pytest.param(d, id=f"{d['kind']} {d['metadata']['name']}") for d in manifests()],
)
def test_each_manifest_fits_its_schema(document):
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_every_manifest_is_applied():
    assert {f"kubernetes/{file.name}" for file in (DEPLOY / "kubernetes").iterdir()} == set(
        kustomization()["resources"]
    )


# Their settings


def test_the_office_s_variables_are_settings_of_the_product(tmp_path):
    settings = load_settings(tmp_path, with_values(examples()["office"], tmp_path))

    assert settings.archive.store == settings.witness.store == "s3"
    assert settings.signing.origin == f"https://{examples()['proxy']['PROXY_SIGNING_NAME']}"
    assert settings.signing.rp_id == examples()["proxy"]["PROXY_SIGNING_NAME"]


def test_only_the_office_is_told_settings_of_the_office():
    others = {name: told for name, told in examples().items() if name != "office"}

    assert [n for told in others.values() for n in told if n.startswith("LETTERS_")] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prefect", "office"])
def test_prefect_s_variables_are_settings_of_this_prefect(name):
    from prefect.settings import Settings
    from prefect.settings.legacy import _get_settings_fields
    from prefect_redis.cleanup_queue import RedisWorkerCleanupQueueSettings
    from prefect_redis.client import RedisMessagingSettings
    from prefect_redis.messaging import RedisMessagingPublisherSettings as PublisherSettings

    known = set(_get_settings_fields(Settings))
    redis = (RedisMessagingSettings, PublisherSettings, RedisWorkerCleanupQueueSettings)
    for model in redis:
        prefix = model.model_config["env_prefix"].upper()
        known |= {f"{prefix}{field.upper()}" for field in model.model_fields}
    told = {n.removesuffix("_FILE") for n in examples()[name] if n.startswith("PREFECT_")}

    assert told - known == set()


@pytest.mark.slow
def test_prefect_understands_what_it_is_told(tmp_path):
    told = {
        name.removesuffix("_FILE"): "word" if "PASSWORD" in name else value
        for name, value in examples()["prefect"].items()
    }
    program = """
import json
from prefect.settings import get_current_settings
from prefect.server.database.dependencies import provide_database_interface
from sqlalchemy.engine import make_url
settings = get_current_settings()
vacuum = settings.server.services.db_vacuum
url = make_url(provide_database_interface().database_config.connection_url)
print(json.dumps({
    "vacuum": sorted(vacuum.enabled_vacuum_types),
    "days": vacuum.retention_period.days,
    "events": settings.server.events.retention_period.days,
    "database": [url.drivername, url.username, url.password, url.host, url.port, url.database],
}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path)}
        | told,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "vacuum": ["events", "flow_runs", "orphans"],
        "days": 90,
        "events": 7,
        "database": ["postgresql+asyncpg", "prefect", "word", "postgres", 5432, "prefect"],
    }


def test_the_server_is_told_what_the_product_says_of_shared_servers():
    told = examples()["prefect"]

    assert {name: told.get(name) for name in SHARED_SERVER} == SHARED_SERVER


def test_no_example_holds_a_secret():
    for name, told in examples().items():
        for key, value in told.items():
            if re.search(r"PASSWORD|SECRET|AUTH_STRING|_URL_FILE|CREDENTIALS|_KEY$", key):
                assert value.startswith("/run/secrets/"), (name, key)


@pytest.mark.parametrize("name", examples())
def test_every_variable_has_its_reason(name):
    blocks = (DEPLOY / f"{name}.env.example").read_text().strip().split("\n\n")
    lines = "\n".join(blocks).splitlines()

    assert [block for block in blocks if not block.startswith("#")] == []
    assert not any(re.search(r"""=['"]|\$""", line) for line in lines if line[:1] != "#")


@everywhere
def test_every_secret_that_is_named_is_there_and_no_other(container):
    if container.settings is None:
        return
    named = named_secrets(examples()[container.settings])
    assert named == container.secrets, container.place


def test_compose_and_kubernetes_know_the_same_secrets(tmp_path):
    made = subprocess.run([DEPLOY / "make-secrets", tmp_path], capture_output=True, text=True)
    named = {Path(line.partition(" is missing")[0]).name for line in made.stderr.splitlines()}
    files = {Path(told["file"]).name for told in compose()["secrets"].values()}

    assert {file.name for file in tmp_path.iterdir()} | named == files
    assert {name for names in secrets().values() for name in names} == files | {
        "authorities.csv",
        "contacts.csv",
        "inspectors.toml",
    }


def test_secrets_are_made_once_and_fit_each_other(tmp_path):
    folder = tmp_path / "secrets"
    first = subprocess.run([DEPLOY / "make-secrets", folder], capture_output=True, text=True)
    made = {file.name: file.read_bytes() for file in folder.iterdir()}
    for line in first.stderr.splitlines():
        Path(line.partition(" is missing")[0]).write_text("mine")

    second = subprocess.run([DEPLOY / "make-secrets", folder], capture_output=True, text=True)

    assert (first.returncode, second.returncode, second.stderr) == (1, 0, "")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {name: (folder / name).read_bytes() for name in made} == made
    assert [len(made[f"{name}.secret"]) for name in NAMES] == [32, 32]
    made = {n: data.decode() for n, data in made.items() if not n.endswith(".secret")}
    login = base64.b64encode(made["api_auth"].encode()).decode()
    assert made["prefect_login"] == f'proxy_set_header Authorization "Basic {login}";\n'
    password = made["redis_password"]
    assert made["redis_conf"] == f"requirepass {password}\n"
    assert made["redis_url"] == f"redis://default:{password}@redis:6379/0"
    assert made["docket_url"] == f"redis://default:{password}@redis:6379/1"
    assert len(made["identity_cookie_secret"]) == 32
    assert len({made["api_auth"], made["database_password"], password}) == 3


# What runs


def test_every_image_is_pinned_and_the_same_everywhere():
    images = {}
    for container in containers():
        name, _, tag = container.image.replace(
            "${LETTERS_IMAGE:-letters:0.1.0}", "letters:0.1.0"
        ).rpartition(":")
        images.setdefault(name, set()).add(tag)

    assert {name: len(tags) for name, tags in images.items() if len(tags) != 1} == {}
    assert [tags for tags in images.values() if tags & {"latest", ""}] == []
    assert images["letters"] == {"0.1.0"}


@cache
def options(*command):
    """The options that a command takes, as its help tells them."""
    program = [PROGRAMS / command[0], *command[1:], "--help"]
    environment = os.environ | {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, (command, done.stderr)
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", done.stdout))


def lines_of(command):
    """The commands of ours that a container runs, each a list of words."""
    if command[:1] == ("sh",):
        text = command[-1].replace("\\\n", " ")
        return [line.split() for line in text.splitlines() if line.strip()]
    return [list(command)]


COMMANDS = (
    ("letters", "work"),
    ("letters", "desk"),
    ("prefect", "server", "start"),
    ("prefect", "server", "services", "start"),
    ("prefect", "server", "database", "upgrade"),
    ("prefect", "work-pool", "create"),
    ("prefect", "deploy"),
)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_takes_the_options_that_it_is_given(command):
    asked = set()
    for container in containers():
        if container.image.startswith(("letters:", "${LETTERS_IMAGE")):
            for words in lines_of(container.command):
                verbs = tuple(word for word in words if not word.startswith("-"))
                known = [one for one in COMMANDS if verbs[: len(one)] == one]
                assert len(known) == 1, words
                if known == [command]:
                    asked |= {"used", *(word for word in words if word.startswith("-"))}

    assert asked - {"used"} < asked
    assert asked - {"used"} - options(*command) == set()


@pytest.mark.slow
def test_nothing_that_a_run_is_given_changes_what_a_worker_starts():
    from prefect.workers.process import ProcessJobConfiguration

    told = json.loads((DEPLOY / "work-pool.json").read_text())
    hostile = {"command": "sh -c id", "env": {"PATH": "/tmp"}, "working_dir": "/tmp", "name": "x"}

    # A client is for blocks that the template names; it names none.
    no_client = object()
    made = asyncio.run(
        ProcessJobConfiguration.from_template_and_values(told, hostile, client=no_client)
    )

    assert (made.command, made.env, made.working_dir, made.name) == (None, {}, None, None)


# Compose


def test_every_part_of_compose_is_there():
    told = compose()
    services = told["services"]
    used = {kind: set() for kind in ("networks", "volumes", "secrets", "services")}
    for service in services.values():
        used["networks"] |= set(service.get("networks", ()))
        used["secrets"] |= set(service.get("secrets", ()))
        used["services"] |= set(service.get("depends_on", ()))
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        used["volumes"] |= {volume for volume in volumes if volume[0] not in "./$"}

    assert used["networks"] == set(told["networks"])
    assert used["volumes"] == set(told["volumes"])
    assert used["secrets"] == set(told["secrets"])
    assert used["services"] <= set(services)


def test_each_part_waits_for_what_it_needs_in_the_state_that_it_can_have():
    services = compose()["services"]
    for name, service in services.items():
        for other, told in service.get("depends_on", {}).items():
            is_healthy = told["condition"] == "service_healthy"
            check = services[other].get("healthcheck", {})
            is_ours = services[other]["image"].startswith("${LETTERS_IMAGE")
            assert not is_healthy or (not check.get("disable") and (is_ours or check)), name


def test_only_the_proxy_is_reached_from_outside():
    services = compose()["services"]

    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published == {
        "desk": [{"target": 8443, "published": "443"}, {"target": 8080, "published": "80"}]
    }
    assert services["proxy"]["network_mode"] == "service:desk"
    assert compose()["networks"]["inside"] == {"internal": True}
    reach_outside = {n for n, s in services.items() if "outside" in s.get("networks", ())}
    assert reach_outside == {"worker-1", "worker-2", "desk", "deploy", "identity"}


def test_what_is_ours_can_write_nowhere_but_where_it_must():
    for name, service in compose()["services"].items():
        if service["image"].startswith("${LETTERS_IMAGE"):
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
            writes = {v for v in service.get("volumes", ()) if not v.endswith(":ro")}
            assert writes <= {"office:/office"}, name


# Kubernetes


def test_every_config_map_secret_claim_and_service_is_there():
    asked = {"configMap": set(), "secret": set(), "claim": set()}
    for template in workloads().values():
        pod = template["spec"]
        for volume in pod["volumes"]:
            asked["configMap"] |= {volume.get("configMap", {}).get("name")} - {None}
            asked["secret"] |= {volume.get("secret", {}).get("secretName")} - {None}
            asked["claim"] |= {volume.get("persistentVolumeClaim", {}).get("claimName")} - {None}
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            asked["configMap"] |= {e["configMapRef"]["name"] for e in container.get("envFrom", ())}

    assert asked["configMap"] == set(config_maps())
    assert asked["secret"] == set(secrets())
    assert asked["claim"] == set(of_kind("PersistentVolumeClaim"))
    for name, stateful in of_kind("StatefulSet").items():
        assert of_kind("Service")[stateful["spec"]["serviceName"]]["spec"]["selector"] == {
            "app": name
        }


def test_the_config_maps_are_made_of_the_files_that_compose_uses():
    files = {one["name"]: one.get("envs", one.get("files")) for one in config_maps().values()}
    mounted = [v.split(":")[0] for v in compose()["services"]["proxy"]["volumes"]]

    assert files.pop("proxy-files") == [
        f"{Path(path).name}.template={path.removeprefix('./')}" for path in mounted
    ]
    assert files == {name: [f"{name}.env"] for name in examples()}


def test_every_mount_has_its_volume_and_no_volume_is_idle():
    for name, template in workloads().items():
        pod = template["spec"]
        mounts = {
            mount["name"]
            for container in (*pod.get("initContainers", ()), *pod["containers"])
            for mount in container["volumeMounts"]
        }
        volumes = {volume["name"] for volume in pod["volumes"]}
        document = of_kind("Deployment", "StatefulSet", "Job")[name]
        claims = document["spec"].get("volumeClaimTemplates", ())
        assert mounts == volumes | {claim["metadata"]["name"] for claim in claims}, name


def test_every_address_that_a_part_is_told_is_a_service_of_both():
    told = {**examples()["prefect"], **examples()["office"], **examples()["proxy"]}
    hosts = {
        told["PREFECT_SERVER_DATABASE_HOST"]: told["PREFECT_SERVER_DATABASE_PORT"],
        told["PROXY_PREFECT"].partition(":")[0]: told["PROXY_PREFECT"].partition(":")[2],
        told["PROXY_IDENTITY"].partition(":")[0]: told["PROXY_IDENTITY"].partition(":")[2],
        "redis": "6379",  # make-secrets writes its address
    }

    assert told["PREFECT_API_URL"] == f"http://{told['PROXY_PREFECT']}/api"
    for host, port in hosts.items():
        assert host in compose()["services"]
        assert [str(p["port"]) for p in of_kind("Service")[host]["spec"]["ports"]] == [port]


def test_every_service_disruption_budget_and_policy_is_of_pods_that_there_are():
    labels = {template["metadata"]["labels"]["app"] for template in workloads().values()}
    selected = {
        *(s["spec"]["selector"]["app"] for s in of_kind("Service").values()),
        *(
            b["spec"]["selector"]["matchLabels"]["app"]
            for b in of_kind("PodDisruptionBudget").values()
        ),
        *(app for policy in policies().values() for app, *_ in policy["ingress"]),
    }

    assert selected - labels - {"*"} == set()
    assert set(of_kind("PodDisruptionBudget")) == {"prefect-server", "worker", "identity"}


@pytest.mark.parametrize("name", workloads())
def test_each_pod_may_do_as_little_as_possible(name):
    pod = workloads()[name]["spec"]

    assert pod["automountServiceAccountToken"] is False
    # Else a Service called prefect-server sets PREFECT_SERVER_PORT and the like.
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]) == {"requests", "limits"}


def policies():
    """For each policy whose pods it is of, and (peer, ports) both ways; `*` is anybody."""

    def told(rules, key):
        for rule in rules:
            ports = tuple(sorted(port["port"] for port in rule["ports"]))
            for peer in rule.get(key, [{}]):
                app = peer.get("podSelector", {}).get("matchLabels", {}).get("app", "*")
                yield app, ports

    return {
        name: {
            "of": policy["spec"]["podSelector"].get("matchLabels", {}).get("app", "all"),
            "ingress": list(told(policy["spec"].get("ingress", ()), "from")),
            "egress": list(told(policy["spec"].get("egress", ()), "to")),
        }
        for name, policy in of_kind("NetworkPolicy").items()
    }


def test_nobody_speaks_with_anybody_unless_it_is_told():
    everybody = policies()["nobody-with-anybody"]

    assert everybody == {"of": "all", "ingress": [], "egress": []}
    assert of_kind("NetworkPolicy")["nobody-with-anybody"]["spec"]["policyTypes"] == [
        "Ingress",
        "Egress",
    ]


def test_who_reaches_what():
    reaches = {
        policy["of"]: dict(policy["ingress"])
        for policy in policies().values()
        if policy["of"] != "all"
    }

    assert reaches == {
        "postgres": dict.fromkeys(["prefect-server", "prefect-services", "set-up"], (5432,)),
        "redis": dict.fromkeys(["prefect-server", "prefect-services"], (6379,)),
        "prefect-server": dict.fromkeys(["prefect-services", "set-up", "worker", "desk"], (4200,)),
        "prefect-services": {},
        "set-up": {},
        "worker": {},
        # The proxy's ports: the signing page and the webhook listen on loopback behind it.
        "desk": {"*": (8080, 8443)},
        "identity": {"desk": (4180,)},
    }


def test_whoever_may_be_reached_by_somebody_may_be_asked_by_them():
    inwards = {
        (peer, policy["of"], ports)
        for policy in policies().values()
        for peer, ports in policy["ingress"]
        if peer != "*"
    }
    outwards = {
        (policy["of"], peer, ports)
        for policy in policies().values()
        for peer, ports in policy["egress"]
        if peer != "*"
    }

    assert inwards == outwards


def test_the_proxy_listens_where_the_world_is_led():
    told = examples()["proxy"]
    ports = of_kind("Service")["proxy"]["spec"]["ports"]
    (proxy,) = [c for c in workloads()["desk"]["spec"]["containers"] if c["name"] == "proxy"]

    assert {p["port"]: p["targetPort"] for p in ports} == {443: "https", 80: "http"}
    assert {p["name"]: str(p["containerPort"]) for p in proxy["ports"]} == {
        "https": told["PROXY_HTTPS_PORT"],
        "http": told["PROXY_HTTP_PORT"],
    }
    published = compose()["services"]["desk"]["ports"]
    assert {str(p["target"]) for p in published} == {
        told["PROXY_HTTPS_PORT"],
        told["PROXY_HTTP_PORT"],
    }
