"""Writes a trained language model as GGUF: export_language.py OUT.pt f32|f16|q8_0|q5_0|q4_0 MODEL.gguf

Reads OUT.pt of train_language.py and tokenizer.json.
"""
import sys, json, numpy as np, torch, gguf
from gguf import GGUFWriter, GGMLQuantizationType as Q

src, typ, out = sys.argv[1:4]
ck = torch.load(src, map_location="cpu", weights_only=False)
c = ck["cfg"]
sd = {k.replace("_orig_mod.", ""): v.float().numpy() for k, v in ck["sd"].items()}
tk = json.load(open("tokenizer.json"))
vocab = tk["model"]["vocab"]
merges = tk["model"]["merges"]
merges = [m if isinstance(m, str) else " ".join(m) for m in merges]
toks = [None] * len(vocab)
for t, i in vocab.items():
    toks[i] = t
w = GGUFWriter(out, "llama")
w.add_name("tiny-embedded-lm")
w.add_description("Tiny Llama-architecture LM trained from scratch on public-domain + synthetic text")
w.add_license("cc0-1.0")
w.add_context_length(c["T"])
w.add_embedding_length(c["d"])
w.add_block_count(c["layers"])
w.add_feed_forward_length(c["ff"])
w.add_head_count(c["heads"])
w.add_head_count_kv(c["kv"])
w.add_rope_dimension_count(c["d"] // c["heads"])
w.add_rope_freq_base(10000.0)
w.add_layer_norm_rms_eps(1e-5)
w.add_vocab_size(len(toks))
T = {"f32": Q.F32, "f16": Q.F16, "q8_0": Q.Q8_0, "q4_0": Q.Q4_0, "q5_0": Q.Q5_0}[typ]
w.add_file_type({"f32": 0, "f16": 1, "q8_0": 7, "q4_0": 2, "q5_0": 8}[typ])
w.add_tokenizer_model("gpt2")
w.add_tokenizer_pre("gpt-2")
w.add_token_list(toks)
w.add_token_types([3 if i < 3 else 1 for i in range(len(toks))])
w.add_token_merges(merges)
w.add_bos_token_id(0)
w.add_eos_token_id(2)
w.add_eot_token_id(2)
w.add_pad_token_id(0)
w.add_add_bos_token(False)
w.add_chat_template(
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def add(n, a):
    if a.ndim == 1:
        w.add_tensor(n, a.astype(np.float32))
        return
    if typ in ("f32", "f16"):
        w.add_tensor(n, a.astype(np.float32 if typ == "f32" else np.float16))
    else:
        t = Q.Q8_0 if n == "token_embd.weight" and typ != "q8_0" else T
        w.add_tensor(n, gguf.quants.quantize(a.astype(np.float32), t), raw_dtype=t)


add("token_embd.weight", sd["e.weight"])
for i in range(c["layers"]):
    b = f"b.{i}."
    p = f"blk.{i}."
    add(p + "attn_norm.weight", sd[b + "n1.w"])
    add(p + "attn_q.weight", sd[b + "q.weight"])
    add(p + "attn_k.weight", sd[b + "k.weight"])
    add(p + "attn_v.weight", sd[b + "v.weight"])
    add(p + "attn_output.weight", sd[b + "o.weight"])
    add(p + "ffn_norm.weight", sd[b + "n2.w"])
    add(p + "ffn_gate.weight", sd[b + "g.weight"])
    add(p + "ffn_up.weight", sd[b + "u.weight"])
    add(p + "ffn_down.weight", sd[b + "dn.weight"])
add("output_norm.weight", sd["n.w"])
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()
import os

print(out, os.path.getsize(out))
