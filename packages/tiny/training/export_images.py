"""Writes a trained image model in a GGUF container, F16: export_images.py OUT.pt MODEL.gguf

Reads OUT.pt of train_images.py. Convolution weights are laid out [output][ky][kx][input], as the engine's patches are.
"""
import sys, torch, numpy as np, gguf, os

src, out = sys.argv[1:3]
sd = torch.load(src, map_location="cpu")
w = gguf.GGUFWriter(out, "tiny-unet")
w.add_name("tiny-emoji-diffusion")
w.add_license("apache-2.0")
w.add_uint32("tiny-unet.size", 32)
w.add_uint32("tiny-unet.channels", 64)
w.add_uint32("tiny-unet.text_len", 12)
w.add_uint32("tiny-unet.text_buckets", 4096)
for k, v in sd.items():
    a = v.float().numpy()
    if a.ndim == 4:
        a = np.ascontiguousarray(a.transpose(0, 2, 3, 1)).reshape(a.shape[0], -1)  # O,(kh,kw,I)
    w.add_tensor(k, a.astype(np.float16) if a.ndim > 1 else a.astype(np.float32))
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()
print(out, os.path.getsize(out))
