/** An image. `pixels`: RGB bytes, row by row from the top; width * height * 3 of them. */
export type RgbImage = { readonly width: number; readonly height: number; readonly pixels: Uint8Array };
