import { readSite } from "../src/site.js";

export default {
  paths: () => readSite().shown.map(({ path, text }) => ({ params: { path: path.replace(/^source\/|\.md$/g, "") }, content: text })),
};
