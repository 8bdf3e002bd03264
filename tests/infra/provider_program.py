"""A provider hashicorp/google that knows names only, for ``validate``, ``plan`` and ``test``; never for ``apply``.

Which arguments, blocks and attributes there are is in ``google_schema.json``. It finds unknown resources and arguments,
wrong types, missing arguments and bad references; what only Google knows (values, conflicts, quotas) it does not.
The protocol is Terraform's plugin protocol 6, spoken with the generated classes of the package ``tf``. Runs in the
environment ``.venv-terraform``; ``provider.py`` hands it to Terraform.
"""

from __future__ import annotations

import base64
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, grpc_stdio_pb2_grpc, tfplugin_pb2_grpc
from tf.gen import tfplugin_pb2 as tfplugin
from tf.runner import _self_signed_cert

Block = dict[str, Any]
SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("google_schema.json").read_text())
NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
#: Terraform's mark for a value that is known after apply only.
UNKNOWN = msgpack.ExtType(0, b"\x00")


def schema(block: Block) -> Any:
    return tfplugin.Schema(version=0, block=described(block))


def described(block: Block) -> Any:
    kinds = ("required", "optional", "computed")
    return tfplugin.Schema.Block(
        attributes=[
            tfplugin.Schema.Attribute(
                name=name,
                type=json.dumps(each["type"]).encode(),
                **{kind: each.get(kind, False) for kind in kinds},
            )
            for name, each in block["attributes"].items()
        ],
        block_types=[
            tfplugin.Schema.NestedBlock(
                type_name=name,
                block=described(each["block"]),
                nesting=NESTING[each["nesting_mode"]],
                min_items=each.get("min_items", 0),
                max_items=each.get("max_items", 0),
            )
            for name, each in block["block_types"].items()
        ],
    )


def planned(block: Block, value: dict[str, Any] | None) -> dict[str, Any] | None:
    """The proposed state, with what Google would fill in marked unknown. None stands for a deletion."""
    if value is None:
        return None
    for name, attribute in block["attributes"].items():
        if value.get(name) is None and attribute.get("computed"):
            value[name] = UNKNOWN
    for name, nested in block["block_types"].items():
        inner = value.get(name)
        if isinstance(inner, list):
            value[name] = [
                planned(nested["block"], each) if isinstance(each, dict) else each for each in inner
            ]
        elif isinstance(inner, dict):
            value[name] = planned(nested["block"], inner)
    return value


def read(block: Block, value: dict[str, Any]) -> dict[str, Any]:
    """What a data source answers: its own name for each text that Google would know."""
    for name, attribute in block["attributes"].items():
        if value.get(name) is None and attribute.get("computed"):
            value[name] = f"stand-in-{name}" if attribute["type"] == "string" else None
    return value


def unpacked(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, ext_hook=msgpack.ExtType, raw=False, strict_map_key=False)


def packed(value: Any) -> Any:
    return tfplugin.DynamicValue(msgpack=msgpack.packb(value))


class Provider(tfplugin_pb2_grpc.ProviderServicer):  # type: ignore[misc]
    """The questions that ``validate``, ``plan`` and ``test`` ask; every other one is UNIMPLEMENTED."""

    def GetMetadata(self, request: Any, context: Any) -> Any:
        answer = tfplugin.GetMetadata
        return answer.Response(
            resources=[answer.ResourceMetadata(type_name=name) for name in SCHEMA["resource"]],
            data_sources=[answer.DataSourceMetadata(type_name=name) for name in SCHEMA["data"]],
        )

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return tfplugin.GetProviderSchema.Response(
            provider=schema(SCHEMA["provider"]),
            resource_schemas={name: schema(block) for name, block in SCHEMA["resource"].items()},
            data_source_schemas={name: schema(block) for name, block in SCHEMA["data"].items()},
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return tfplugin.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return tfplugin.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return tfplugin.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return tfplugin.ConfigureProvider.Response()

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        state = planned(SCHEMA["resource"][request.type_name], unpacked(request.proposed_new_state))
        return tfplugin.PlanResourceChange.Response(planned_state=packed(state))

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        state = read(SCHEMA["data"][request.type_name], unpacked(request.config))
        return tfplugin.ReadDataSource.Response(state=packed(state))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return tfplugin.StopProvider.Response()


class Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):  # type: ignore[misc]
    def __init__(self, server: grpc.Server) -> None:
        self.server = server

    def Shutdown(self, request: Any, context: Any) -> Any:
        self.server.stop(0.1)
        return grpc_controller_pb2.Empty()


class Stdio(grpc_stdio_pb2_grpc.GRPCStdioServicer):  # type: ignore[misc]
    def StreamStdio(self, request: Any, context: Any) -> Any:
        return iter(())


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.max_send_message_length", -1)])
    tfplugin_pb2_grpc.add_ProviderServicer_to_server(Provider(), server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(Controller(server), server)
    grpc_stdio_pb2_grpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    with tempfile.TemporaryDirectory() as folder:
        certificate, credentials = _self_signed_cert()
        server.add_secure_port(f"unix://{folder}/provider.sock", credentials)
        server.start()
        # The handshake: version of the handshake, of the protocol, where, how, and the certificate to expect.
        told = (
            "1",
            "6",
            "unix",
            f"{folder}/provider.sock",
            "grpc",
            base64.b64encode(certificate).decode().rstrip("="),
        )
        print("|".join(told), flush=True)
        server.wait_for_termination()


if __name__ == "__main__":
    main()
