"""Trains a language model for a given number of minutes.

Reads train_docs.json and held_docs.json, which make_corpus.py writes; trains tokenizer.json first if there is none.
Writes OUT.pt (weights and sizes) and log_OUT.txt. Threads: environment variable NT, 1 if unset.
"""
import json, time, math, sys, os, numpy as np, torch, torch.nn as nn, torch.nn.functional as F, argparse
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, trainers

ap = argparse.ArgumentParser()
ap.add_argument("--d", type=int, default=256)
ap.add_argument("--layers", type=int, default=6)
ap.add_argument("--heads", type=int, default=4)
ap.add_argument("--kv", type=int, default=2)
ap.add_argument("--ff", type=int, default=768)
ap.add_argument("--vocab", type=int, default=4096)
ap.add_argument("--T", type=int, default=512)
ap.add_argument("--bs", type=int, default=8)
ap.add_argument("--minutes", type=float, default=20)
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--out", default="main")
ap.add_argument("--compile", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
A = ap.parse_args()
torch.manual_seed(A.seed)
np.random.seed(A.seed)
torch.set_num_threads(int(os.environ.get("NT", "1")))
torch.set_flush_denormal(True)
tokf = "tokenizer.json"
if not os.path.exists(tokf):
    t0 = time.time()
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tok.decoder = decoders.ByteLevel()
    tr = trainers.BpeTrainer(
        vocab_size=A.vocab,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    import re

    strip = lambda d: re.sub(r"<\|im_(start|end)\|>", "\n", d)
    tok.train_from_iterator((strip(d) for d in json.load(open("train_docs.json"))), tr)
    tok.save(tokf)
    print("tokenizer trained", time.time() - t0)
tok = Tokenizer.from_file(tokf)
V = tok.get_vocab_size()
print("vocab", V)


def enc(fn):
    c = fn.replace(".json", ".npy")
    if os.path.exists(c):
        return np.load(c)
    ids = []
    for e in tok.encode_batch(json.load(open(fn))):
        ids += e.ids
        ids.append(0)
    a = np.array(ids, dtype=np.uint16)
    np.save(c, a)
    return a


trn = enc("train_docs.json")
hel = enc("held_docs.json")
print("tokens", len(trn), len(hel))


class RMS(nn.Module):
    def __init__(s, d):
        super().__init__()
        s.w = nn.Parameter(torch.ones(d))

    def forward(s, x):
        return F.rms_norm(x, (x.shape[-1],), s.w.to(x.dtype), 1e-5)


class Block(nn.Module):
    def __init__(s, d, h, kv, ff):
        super().__init__()
        s.h, s.kv, s.hd = h, kv, d // h
        s.n1 = RMS(d)
        s.n2 = RMS(d)
        s.q = nn.Linear(d, h * s.hd, bias=False)
        s.k = nn.Linear(d, kv * s.hd, bias=False)
        s.v = nn.Linear(d, kv * s.hd, bias=False)
        s.o = nn.Linear(d, d, bias=False)
        s.g = nn.Linear(d, ff, bias=False)
        s.u = nn.Linear(d, ff, bias=False)
        s.dn = nn.Linear(ff, d, bias=False)

    def rope(s, x, cs, sn):
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack((a * cs - b * sn, a * sn + b * cs), -1).flatten(-2)

    def forward(s, x, cs, sn):
        B, T, D = x.shape
        y = s.n1(x)
        q = s.rope(s.q(y).view(B, T, s.h, s.hd).transpose(1, 2), cs, sn)
        k = s.rope(s.k(y).view(B, T, s.kv, s.hd).transpose(1, 2), cs, sn)
        v = s.v(y).view(B, T, s.kv, s.hd).transpose(1, 2)
        r = s.h // s.kv
        if r > 1:
            k = k.repeat_interleave(r, 1)
            v = v.repeat_interleave(r, 1)
        w = torch.matmul(q, k.transpose(-1, -2)) * (s.hd**-0.5)
        w = w.masked_fill(~torch.ones(T, T, dtype=torch.bool).tril(), float("-inf")).softmax(-1).to(v.dtype)
        x = x + s.o(torch.matmul(w, v).transpose(1, 2).reshape(B, T, D))
        y = s.n2(x)
        return x + s.dn(F.silu(s.g(y)) * s.u(y))


class LM(nn.Module):
    def __init__(s, V, d, L, h, kv, ff):
        super().__init__()
        s.e = nn.Embedding(V, d)
        s.b = nn.ModuleList(Block(d, h, kv, ff) for _ in range(L))
        s.n = RMS(d)
        s.hd = d // h
        for p in s.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0, 0.02)
        for b in s.b:
            nn.init.normal_(b.o.weight, 0, 0.02 / math.sqrt(2 * L))
            nn.init.normal_(b.dn.weight, 0, 0.02 / math.sqrt(2 * L))

    def forward(s, i, y=None):
        T = i.shape[1]
        f = 1 / (10000 ** (torch.arange(0, s.hd, 2) / s.hd))
        a = torch.outer(torch.arange(T, dtype=torch.float32), f)
        x = s.e(i)
        dt = torch.bfloat16 if torch.is_autocast_enabled("cpu") else x.dtype
        cs, sn = a.cos().to(dt), a.sin().to(dt)
        x = x.to(dt)
        for b in s.b:
            x = b(x, cs, sn)
        lg = F.linear(s.n(x), s.e.weight.to(dt))
        if y is None:
            return lg
        return F.cross_entropy(lg.float().view(-1, lg.shape[-1]), y.reshape(-1))


if __name__ == "__main__":
    m = LM(V, A.d, A.layers, A.heads, A.kv, A.ff)
    print("params", sum(p.numel() for p in m.parameters()))
    dec = [p for p in m.parameters() if p.dim() > 1]
    nod = [p for p in m.parameters() if p.dim() < 2]
    hid = [p for n_, p in m.named_parameters() if p.dim() > 1 and n_ != "e.weight"]
    opts = [
        torch.optim.Muon(hid, lr=A.lr, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            [{"params": [m.e.weight], "weight_decay": 0.0}, {"params": nod, "weight_decay": 0}], lr=A.lr, betas=(0.9, 0.95), fused=True
        ),
    ]
    f = torch.compile(m) if A.compile else m
    X = torch.from_numpy(trn.astype(np.int64))

    def batch(src, n, g):
        ix = torch.randint(len(src) - A.T - 1, (n,), generator=g)
        return torch.stack([src[i : i + A.T] for i in ix]), torch.stack([src[i + 1 : i + 1 + A.T] for i in ix])

    g = torch.Generator().manual_seed(A.seed)
    H = torch.from_numpy(hel.astype(np.int64))
    nh = (len(H) - 1) // A.T
    hx = H[: nh * A.T].view(nh, A.T)
    hy = H[1 : nh * A.T + 1].view(nh, A.T)

    def ev():
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            return sum(m(hx[j : j + 16], hy[j : j + 16]).item() * len(hx[j : j + 16]) for j in range(0, nh, 16)) / nh

    xw, yw = batch(X, A.bs, g)
    with torch.autocast("cpu", torch.bfloat16):
        f(xw, yw).backward()
    m.zero_grad(set_to_none=True)
    print("compiled", flush=True)
    t0 = time.time()
    step = 0
    lim = A.minutes * 60
    tokn = 0
    log = open(f"log_{A.out}.txt", "w")
    while True:
        el = time.time() - t0
        fr = el / lim
        if fr >= 1:
            break
        lr = A.lr * min(1, (step + 1) / 100) * (1 if fr < 0.6 else max(0.02, (1 - (fr - 0.6) / 0.4)))
        for o_ in opts:
            for gp in o_.param_groups:
                gp["lr"] = lr
        x, y = batch(X, A.bs, g)
        with torch.autocast("cpu", torch.bfloat16):
            loss = f(x, y)
        m.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        [o_.step() for o_ in opts]
        step += 1
        tokn += x.numel()
        if step in (1, 2, 5, 10) or step % 100 == 0:
            s = f"step {step} t {time.time()-t0:.0f}s loss {loss.item():.3f} tok {tokn/1e6:.2f}M {tokn/(time.time()-t0):.0f} tok/s lr {lr:.2e}"
            if step % 500 == 0:
                s += f" held {ev():.3f}"
            print(s, flush=True)
            log.write(s + "\n")
            log.flush()
    e = ev()
    s = f"DONE steps {step} tokens {tokn/1e6:.1f}M time {time.time()-t0:.0f}s held {e:.4f}"
    print(s)
    log.write(s + "\n")
    torch.save({"cfg": vars(A), "V": V, "sd": m.state_dict(), "held": e}, f"{A.out}.pt")
