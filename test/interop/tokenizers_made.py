"""Tokenizers of the other families of sentence models, learned here from some texts, and what Hugging Face's library makes of texts by them.

Usage: tokenizers_made.py FOLDER TEXTS.json writes FOLDER/unigram and FOLDER/bpe (tokenizer.json), and prints the ids of both for each text.
unigram: as XLM-R, which e5 and bge-m3 are of: SentencePiece with its own table of characters (nmt_nfkc); bpe: bytes, as RoBERTa.
"""

import io
import json
import sys
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def unigram(texts: list[str]) -> Tokenizer:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=written, vocab_size=6000, hard_vocab_limit=False, minloglevel=2
    )
    learned = sentencepiece_model_pb2.ModelProto()
    learned.ParseFromString(written.getvalue())
    pieces = [(piece.piece, piece.score) for piece in learned.pieces[3:]]
    tokenizer = Tokenizer(models.Unigram([*((name, 0.0) for name in SPECIAL[:4]), *pieces, (SPECIAL[4], 0.0)], unk_id=3))
    table = normalizers.Precompiled(learned.normalizer_spec.precompiled_charsmap)
    tokenizer.normalizer = normalizers.Sequence([table, normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def bpe(texts: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=2000, special_tokens=SPECIAL, initial_alphabet=alphabet))
    ends = [(name, tokenizer.token_to_id(name)) for name in ("</s>", "<s>")]
    tokenizer.post_processor = processors.RobertaProcessing(*ends, add_prefix_space=False)
    return tokenizer


folder, texts = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
told = {}
for make in (unigram, bpe):
    tokenizer = make(texts)
    (folder / make.__name__).mkdir()
    tokenizer.save(str(folder / make.__name__ / "tokenizer.json"))
    told[make.__name__] = [tokenizer.encode(text).ids for text in texts]
print(json.dumps(told))
