"""Trains the image model, in two stages (see README.md).

Reads emoji32.rgba and emoji_meta.json, which rasterise.mjs writes, and with --init the weights of the first stage.
Writes OUT.pt (averaged weights), OUT_sheet.png (samples) and log_OUT.txt.
"""
import json, time, math, os, sys, argparse, random, re, numpy as np, torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
ap.add_argument("--minutes", type=float, default=25)
ap.add_argument("--bs", type=int, default=64)
ap.add_argument("--out", default="img")
ap.add_argument("--c", type=int, default=64)
ap.add_argument("--init", default="")
ap.add_argument("--stage", type=int, choices=(1, 2), default=1, help="1: every emoji, large shifts; 2: common ones, small shifts")
ap.add_argument("--lr", type=float, default=1e-3)
A = ap.parse_args() if __name__ == "__main__" else ap.parse_args([])
torch.manual_seed(0)
random.seed(0)
torch.set_num_threads(int(os.environ.get("NT", "1")))
torch.set_flush_denormal(True)
VH = 4096
L = 12
S = 32


def toks(s):
    w = re.findall(r"[a-z0-9]+", s.lower())
    w = [x for x in w if x not in ("a", "an", "the", "of", "with")][:L]
    out = []
    for x in w:
        if len(x) > 3 and x.endswith("s") and not x.endswith("ss"):
            x = x[:-1]
        h = 0x811C9DC5
        for b in x.encode():
            h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
        out.append(1 + h % (VH - 1))
    return out + [0] * (L - len(out))


meta = json.load(open("emoji_meta.json"))
px = np.fromfile("emoji32.rgba", dtype=np.uint8).reshape(-1, S, S, 4)
ok = [
    i
    for i, m in enumerate(meta)
    if m.get("group") in (0, 3, 4, 5, 6, 7)
    or (m.get("group") == 8 and re.search("heart|circle|square|star", m["label"]))
    or m.get("group") is None
    and False
]
KW = r"^(rocket|automobile|bus|police car|taxi|bicycle|sailboat|airplane|helicopter|house|castle|tent|mountain|snow capped mountain|volcano|sun|star|full moon|crescent moon|cloud|rainbow|fire|droplet|snowman|umbrella|water wave|high voltage|sun with face|balloon|wrapped gift|jack o lantern|christmas tree|trophy|soccer ball|basketball|baseball|tennis|bullseye|video game|teddy bear|crown|top hat|gem stone|guitar|trumpet|drum|violin|telephone|television|camera|light bulb|candle|open book|books|pencil|scissors|key|locked|hammer|anchor|bomb|backpack|shopping bags|glasses|t shirt|jeans|dress|running shoe|ring|bell|hourglass not done|alarm clock|floppy disk|battery|magnet|microscope|telescope|robot|alien|ghost|skull|clown face|grinning face|smiling face with heart eyes|crying face|angry face|sleeping face|smiling face with sunglasses|pile of poo|red heart|green heart|blue heart|yellow heart|purple heart|orange heart|black heart|cat face|dog face|grinning cat|fox|eye|mouth|ear|hand|door|chair|bed|package|envelope|moneybag|money bag|musical note|flag|train|locomotive|truck|tractor|ship|canoe|bridge at night|fountain|ferris wheel|glowing star|thermometer|fireworks|pinata|kite|yo yo|puzzle piece|chess pawn|mirror|broom|basket|soap|toothbrush|sponge|gear|link|ladder|paintbrush|crayon|artist palette|film frames|clapper board)$"
if A.stage == 2:
    ok = [i for i in ok if meta[i].get("group") in (3, 4) or re.search(KW, meta[i]["label"])]
ZOOM, SHIFT = (0.25, 0.12) if A.stage == 1 else (0.12, 0.05)
ok = [i for i in ok if not re.search(r"o clock|thirty|squared|keycap|kiss|couple|family", meta[i]["label"])]
E = torch.from_numpy(px[ok].astype(np.float32) / 255).permute(0, 3, 1, 2).contiguous()
M = [meta[i] for i in ok]
print("emoji used", len(ok))
COL = {
    "white": (255, 255, 255),
    "black": (20, 20, 20),
    "red": (220, 40, 40),
    "blue": (50, 90, 220),
    "green": (60, 170, 70),
    "yellow": (250, 220, 60),
    "orange": (250, 150, 40),
    "purple": (140, 70, 190),
    "pink": (250, 160, 200),
    "brown": (140, 90, 50),
    "gray": (150, 150, 150),
    "cyan": (90, 210, 230),
}
CN = list(COL)
CT = torch.tensor([COL[c] for c in CN]).float() / 255
yy, xx = torch.meshgrid(torch.linspace(-1, 1, S), torch.linspace(-1, 1, S), indexing="ij")


def shape(kind):
    if kind == "circle":
        return ((xx**2 + yy**2) < 0.42).float()
    if kind == "square":
        return ((xx.abs() < 0.6) & (yy.abs() < 0.6)).float()
    if kind == "triangle":
        return ((yy < 0.6) & (yy > -0.7) & (xx.abs() < (yy + 0.7) * 0.55)).float()
    if kind == "ring":
        r = xx**2 + yy**2
        return ((r < 0.5) & (r > 0.18)).float()
    if kind == "cross":
        return (((xx.abs() < 0.22) & (yy.abs() < 0.75)) | ((yy.abs() < 0.22) & (xx.abs() < 0.75))).float()


SH = ["circle", "square", "triangle", "ring", "cross"]
SM = {k: shape(k) for k in SH}


def batch(n, g=random):
    idx = [g.randrange(len(ok)) for _ in range(n)]
    fg = E[idx].clone()
    caps = []
    bg = []
    for j, i in enumerate(idx):
        r = g.random()
        m = M[i]
        b = "white" if g.random() < 0.45 else g.choice(CN)
        if r < 0.12:
            k = g.choice(SH)
            c = g.choice(CN)
            while c == b:
                c = g.choice(CN)
            fg[j, :3] = CT[CN.index(c)][:, None, None]
            fg[j, 3] = SM[k]
            cap = f"{c} {k}"
        elif r < 0.85 or not m["tags"]:
            cap = m["label"]
        else:
            cap = " ".join(g.sample(m["tags"], min(2, len(m["tags"]))))
        if b != "white" or g.random() < 0.15:
            cap += f" on {b} background"
        bg.append(CN.index(b))
        caps.append(cap)
    th = torch.zeros(n, 2, 3)
    sc = 1.0 + ZOOM * torch.rand(n)
    fl = torch.ones(n)
    th[:, 0, 0] = sc
    th[:, 1, 1] = sc
    th[:, 0, 2] = SHIFT * torch.randn(n).clamp(-2, 2)
    th[:, 1, 2] = SHIFT * torch.randn(n).clamp(-2, 2)
    fg[:, :3] *= fg[:, 3:4]
    fg = F.grid_sample(fg, F.affine_grid(th, (n, 4, S, S), align_corners=False), align_corners=False)
    x = fg[:, :3] + (1 - fg[:, 3:4]) * CT[bg][:, :, None, None]
    t = torch.tensor([toks(c) if random.random() > 0.12 else [0] * L for c in caps])
    return x * 2 - 1, t, caps


class RB(nn.Module):
    def __init__(s, i, o, e):
        super().__init__()
        s.n1 = nn.GroupNorm(8, i)
        s.c1 = nn.Conv2d(i, o, 3, padding=1)
        s.f = nn.Linear(e, 2 * o)
        s.n2 = nn.GroupNorm(8, o, affine=False)
        s.c2 = nn.Conv2d(o, o, 3, padding=1)
        nn.init.zeros_(s.c2.weight)
        nn.init.zeros_(s.c2.bias)
        s.k = nn.Conv2d(i, o, 1) if i != o else nn.Identity()

    def forward(s, x, e):
        h = s.c1(F.silu(s.n1(x)))
        a, b = s.f(e)[:, :, None, None].chunk(2, 1)
        return s.k(x) + s.c2(F.silu(s.n2(h) * (1 + a) + b))


class XA(nn.Module):
    def __init__(s, c, t, h=4):
        super().__init__()
        s.h = h
        s.n = nn.GroupNorm(8, c)
        s.q = nn.Linear(c, c, bias=False)
        s.kv = nn.Linear(t, 2 * c, bias=False)
        s.skv = nn.Linear(c, 2 * c, bias=False)
        s.o = nn.Linear(c, c)
        nn.init.zeros_(s.o.weight)
        nn.init.zeros_(s.o.bias)

    def forward(s, x, t):
        B, C, H, W = x.shape
        y = s.n(x).flatten(2).transpose(1, 2)
        q = s.q(y)
        k, v = torch.cat([s.kv(t), s.skv(y)], 1).chunk(2, -1)
        sp = lambda z: z.reshape(B, -1, s.h, C // s.h).transpose(1, 2)
        a = (sp(q) @ sp(k).transpose(-1, -2) * (C // s.h) ** -0.5).softmax(-1) @ sp(v)
        return x + s.o(a.transpose(1, 2).reshape(B, H * W, C)).transpose(1, 2).reshape(B, C, H, W)


class TE(nn.Module):
    def __init__(s, d):
        super().__init__()
        s.e = nn.Embedding(VH, d)
        s.p = nn.Parameter(torch.randn(L, d) * 0.02)
        s.q = nn.Linear(d, 3 * d)
        s.o = nn.Linear(d, d)
        s.m = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.SiLU(), nn.Linear(2 * d, d))
        s.n = nn.LayerNorm(d)
        nn.init.normal_(s.e.weight, 0, 0.5)

    def forward(s, t):
        x = s.e(t) + s.p
        q, k, v = s.q(s.n(x)).chunk(3, -1)
        x = x + s.o((q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1) @ v)
        return x + s.m(x)


class Net(nn.Module):
    def __init__(s, c=64, d=96):
        super().__init__()
        e = 192
        s.te = TE(d)
        s.tp = nn.Linear(d, e)
        s.t1 = nn.Linear(64, e)
        s.t2 = nn.Linear(e, e)
        s.i = nn.Conv2d(12, c, 3, padding=1)
        s.d1 = RB(c, c, e)
        s.d2 = RB(c, c, e)
        s.dn = nn.Conv2d(c, 2 * c, 3, 2, 1)
        s.e1 = RB(2 * c, 2 * c, e)
        s.a1 = XA(2 * c, d)
        s.e2 = RB(2 * c, 2 * c, e)
        s.a2 = XA(2 * c, d)
        s.m = RB(2 * c, 2 * c, e)
        s.u1 = RB(4 * c, 2 * c, e)
        s.a3 = XA(2 * c, d)
        s.u2 = RB(4 * c, 2 * c, e)
        s.up = nn.Conv2d(2 * c, c, 3, padding=1)
        s.v1 = RB(2 * c, c, e)
        s.v2 = RB(2 * c, c, e)
        s.on = nn.GroupNorm(8, c)
        s.oc = nn.Conv2d(c, 12, 3, padding=1)
        nn.init.zeros_(s.oc.weight)
        nn.init.zeros_(s.oc.bias)
        s.register_buffer("fr", torch.exp(torch.linspace(0, math.log(1000), 32)))

    def forward(s, x, t, tok):
        tx = s.te(tok)
        a = t[:, None] * s.fr
        e = s.t2(F.silu(s.t1(torch.cat([a.sin(), a.cos()], 1)))) + s.tp(tx.mean(1))
        e = F.silu(e)
        h0 = s.i(F.pixel_unshuffle(x, 2))
        h1 = s.d1(h0, e)
        h2 = s.d2(h1, e)
        g0 = s.dn(h2)
        g1 = s.a1(s.e1(g0, e), tx)
        g2 = s.a2(s.e2(g1, e), tx)
        g = s.m(g2, e)
        g = s.a3(s.u1(torch.cat([g, g2], 1), e), tx)
        g = s.u2(torch.cat([g, g1], 1), e)
        h = s.up(F.interpolate(g, scale_factor=2.0, mode="nearest"))
        h = s.v1(torch.cat([h, h2], 1), e)
        h = s.v2(torch.cat([h, h1], 1), e)
        return F.pixel_shuffle(s.oc(F.silu(s.on(h))), 2)


def sample(m, caps, steps=24, cfg=3.0, seed=0, noise=None):
    g = torch.Generator().manual_seed(seed)
    n = len(caps)
    x = torch.randn(n, 3, S, S, generator=g) if noise is None else noise
    tk = torch.tensor([toks(c) for c in caps])
    z = torch.zeros_like(tk)
    with torch.no_grad():
        for i in range(steps):
            t = torch.full((n,), i / steps)
            vc = m(x, t, tk)
            vu = m(x, t, z)
            x = x + (vu + cfg * (vc - vu)) / steps
    return x.clamp(-1, 1)


PR = [
    "red apple",
    "dog face",
    "cat face",
    "rocket",
    "blue car",
    "pizza",
    "tree",
    "red heart",
    "yellow star",
    "house",
    "fish",
    "sun",
    "blue circle on yellow background",
    "red square",
    "panda on green background",
    "green triangle on black background",
    "snowman on blue background",
    "banana on pink background",
    "umbrella",
    "strawberry",
    "green apple on purple background",
    "fire",
    "guitar",
    "unicorn",
]


def sheet(x, fn, cols=8, up=3):
    from PIL import Image

    x = ((x + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    n = len(x)
    rows = (n + cols - 1) // cols
    im = np.zeros((rows * S, cols * S, 3), np.uint8)
    for i in range(n):
        im[i // cols * S : i // cols * S + S, i % cols * S : i % cols * S + S] = x[i]
    Image.fromarray(im).resize((cols * S * up, rows * S * up), Image.NEAREST).save(fn)


if __name__ == "__main__":
    m = Net(A.c)
    if A.init:
        m.load_state_dict(torch.load(A.init, map_location="cpu"))
    m = m.to(memory_format=torch.channels_last)
    print("params", sum(p.numel() for p in m.parameters()))
    import copy

    ema = copy.deepcopy(m)
    opt = torch.optim.AdamW(m.parameters(), lr=A.lr, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    t0 = time.time()
    st = 0
    lim = A.minutes * 60
    av = None
    lastp = 0
    log = open(f"log_{A.out}.txt", "w")
    while (el := time.time() - t0) < lim:
        fr = el / lim
        lr = A.lr * min(1, (st + 1) / 100) * (1 if fr < 0.5 else max(0.03, 1 - (fr - 0.5) / 0.5))
        for gp in opt.param_groups:
            gp["lr"] = lr
        x, tk, _ = batch(A.bs)
        n = torch.randn_like(x)
        t = torch.sigmoid(torch.randn(A.bs))
        xt = (1 - t[:, None, None, None]) * n + t[:, None, None, None] * x
        with torch.autocast("cpu", torch.bfloat16):
            v = m(xt.contiguous(memory_format=torch.channels_last), t, tk)
        loss = F.mse_loss(v.float(), x - n)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        opt.step()
        st += 1
        d = min(0.999, (st + 1) / (st + 20))
        with torch.no_grad():
            for a, b in zip(ema.parameters(), m.parameters()):
                a.lerp_(b, 1 - d)
        av = loss.item() if av is None else 0.98 * av + 0.02 * loss.item()
        if st in (2, 10, 50) or st % 200 == 0:
            s = f"step {st} {el:.0f}s loss {av:.4f} {st*A.bs/(time.time()-t0):.0f} img/s"
            print(s, flush=True)
            log.write(s + "\n")
            log.flush()
        if el - lastp > 300:
            lastp = el
            sheet(sample(ema, PR), f"{A.out}_sheet.png")
            torch.save(ema.state_dict(), f"{A.out}.pt")
    torch.save(ema.state_dict(), f"{A.out}.pt")
    sheet(sample(ema, PR), f"{A.out}_sheet.png")
    s = f"DONE steps {st} imgs {st*A.bs} loss {av:.4f} time {time.time()-t0:.0f}"
    print(s)
    log.write(s + "\n")
