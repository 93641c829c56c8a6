/**
 * Patches of a 3x3 convolution with one pixel of zero padding, for {@link matmul}: columns[pixel of the result][(ky * 3 + kx) * channels + c].
 *
 * `input` is input[y][x][channel].
 */
export function im2col(columns: usize, input: usize, height: i32, width: i32, channels: i32, stride: i32): void {
  const outHeight = (height + stride - 1) / stride;
  const outWidth = (width + stride - 1) / stride;
  const pixelBytes = <usize>channels * 4;
  let out = columns;
  for (let y: i32 = 0; y < outHeight; y++) {
    for (let x: i32 = 0; x < outWidth; x++) {
      for (let ky: i32 = -1; ky < 2; ky++) {
        for (let kx: i32 = -1; kx < 2; kx++) {
          const fromY = y * stride + ky;
          const fromX = x * stride + kx;
          if (fromY < 0 || fromX < 0 || fromY >= height || fromX >= width) memory.fill(out, 0, pixelBytes);
          else memory.copy(out, input + <usize>(fromY * width + fromX) * pixelBytes, pixelBytes);
          out += pixelBytes;
        }
      }
    }
  }
}
