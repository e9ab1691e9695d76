"""BGE-M3 and bge-reranker-v2-m3 in miniature, and what transformers computes with them, for tests/inference/xlm-roberta.test.ts.

usage: make_xlm_roberta.py OUT_DIR     (OUT_DIR: tests/golden/xlm-roberta)

Two folders of random weights (32 wide, two layers, heads of 16), laid out as the models are published: `bge-m3` with `pytorch_model.bin`
and `sparse_linear.pt`, `reranker` with `model.safetensors`; both with a Unigram `tokenizer.json` trained here on a few sentences. Of them
ids, dense vectors, sparse weights by token id and scores, each text run alone. Needs torch, transformers, tokenizers.
"""
import json, os, shutil, sys
import tokenizers, torch, transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification, XLMRobertaModel

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
SENTENCES = [
    "the cell divides and the nucleus divides with it",
    "die Zelle teilt sich, und der Zellkern teilt sich mit ihr",
    "a matrix has an inverse when its determinant is not zero",
    "la mitose est la division du noyau de la cellule",
]
TEXTS = ["the cell divides", "Die Zelle teilt sich, und die Zelle lebt.", "zero ☃ snow", "a"]
PAIRS = [["when does a cell divide", "the nucleus divides with the cell"], ["a", "la division est la division"], ["the matrix", "not ☃"]]


def make_tokenizer():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(vocab_size=90, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(SENTENCES * 4, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def make_config(vocabulary, **more):
    return XLMRobertaConfig(
        vocab_size=vocabulary, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2, **more
    )


def randomize(model):
    """The usual initialisation is too small for a mistake to show."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + (1 if "LayerNorm.weight" in name else 0))
    return model.eval()


def main(out):
    shutil.rmtree(out, ignore_errors=True)
    torch.manual_seed(11)
    tokenizer = make_tokenizer()
    size = tokenizer.get_vocab_size()
    bge, reranker = f"{out}/bge-m3", f"{out}/reranker"

    model = randomize(XLMRobertaModel(make_config(size), add_pooling_layer=True))
    sparse = randomize(torch.nn.Linear(32, 1))
    os.makedirs(bge)
    model.config.save_pretrained(bge)
    torch.save(model.state_dict(), f"{bge}/pytorch_model.bin")
    torch.save(sparse.state_dict(), f"{bge}/sparse_linear.pt")
    cross = randomize(XLMRobertaForSequenceClassification(make_config(size, num_labels=1)))
    cross.save_pretrained(reranker)
    for folder in (bge, reranker):
        tokenizer.save(f"{folder}/tokenizer.json", pretty=False)

    golden = {"madeBy": f"make_xlm_roberta.py, transformers {transformers.__version__}, tokenizers {tokenizers.__version__}", "texts": [], "pairs": []}
    with torch.no_grad():
        for text in TEXTS:
            ids = tokenizer.encode(text).ids
            hidden = model(torch.tensor([ids])).last_hidden_state[0]
            weights = torch.relu(sparse(hidden))[:, 0]
            terms = {}
            for token, weight in zip(ids, weights.tolist()):
                if token not in (0, 1, 2, 3) and weight > 0:
                    terms[token] = round(max(weight, terms.get(token, 0)), 6)
            dense = torch.nn.functional.normalize(hidden[0], dim=0)
            golden["texts"].append({"text": text, "ids": ids, "dense": [round(v, 6) for v in dense.tolist()], "sparse": dict(sorted(terms.items()))})
        for query, passage in PAIRS:
            ids = tokenizer.encode(query, passage).ids
            golden["pairs"].append({"query": query, "passage": passage, "ids": ids, "score": round(cross(torch.tensor([ids])).logits.item(), 6)})
    with open(f"{out}/golden.json", "w") as file:
        json.dump(golden, file, ensure_ascii=False)
        file.write("\n")


main(sys.argv[1])
