/**
 * Draws every Noto emoji at 32x32 pixels. Reads ./node_modules (see package.json here); writes emoji32.rgba (RGBA bytes, one image after
 * another) and emoji_meta.json (label, tags and group of each, from CLDR).
 */
import { readFileSync, writeFileSync } from "node:fs";
import sharp from "sharp";

const SIDE = 32;
const readJson = (path) => JSON.parse(readFileSync(new URL(`node_modules/${path}`, import.meta.url), "utf8"));
const noto = readJson("@iconify-json/noto/icons.json");
const slugOf = (label) =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
const descriptions = new Map(readJson("emojibase-data/en/data.json").map((emoji) => [slugOf(emoji.label), emoji]));

const isVariant = (name) => /(skin-tone|-light|-dark|medium-)/.test(name);
const isCountryFlag = (name) => /^flag-(?!for)/.test(name);
const images = [];
const meta = [];
for (const [name, icon] of Object.entries(noto.icons)) {
  if (icon.hidden || isVariant(name) || isCountryFlag(name)) continue;
  const width = icon.width || noto.width || 128;
  const height = icon.height || noto.height || 128;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="256" height="256" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  images.push(
    await sharp(Buffer.from(svg)).resize(SIDE, SIDE, { fit: "contain", kernel: "lanczos3", background }).ensureAlpha().raw().toBuffer(),
  );
  const description = descriptions.get(name);
  meta.push({ k: name, label: name.replace(/-/g, " "), tags: description?.tags ?? [], group: description?.group });
}
writeFileSync("emoji32.rgba", Buffer.concat(images));
writeFileSync("emoji_meta.json", JSON.stringify(meta));
process.stdout.write(`${meta.length} emoji\n`);
