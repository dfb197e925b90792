"""Checks an exported model with onnx's own checker and shows it in Netron's own server until standard input closes.

serve_netron.py MODEL.onnx   Prints one JSON line: versions, the URL, and what the model holds.
"""

from __future__ import annotations

import json
import logging
import sys

import netron
import onnx

logging.disable(logging.INFO)  # Netron prints its address


def main(file: str) -> None:
    onnx.checker.check_model(file, full_check=True)  # by path: the external weights are looked at too
    model = onnx.load(file, load_external_data=False)
    graph = model.graph
    external = [t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    host, port = netron.serve(file, address=("127.0.0.1", 0))
    found = {
        "onnx": onnx.__version__,
        "netron": netron.__version__,
        "url": f"http://{host}:{port}",
        "nodes": len(graph.node),
        "constants": sum(node.op_type == "Constant" for node in graph.node),
        "initializers": len(graph.initializer),
        "external": len(external),
        "inputs": [value.name for value in graph.input],
        "outputs": [value.name for value in graph.output],
    }
    print(json.dumps(found), flush=True)
    sys.stdin.read()
    netron.stop()


main(sys.argv[1])
