import { settingWords } from "@vision/program";
import { z } from "zod";
import { tasksFileSchema } from "./tasks-file.js";

/** The file of tasks as a JSON Schema, for editors and for other programs. The same on every machine: defaults that depend on one are left out. */
export function tasksFileJsonSchema() {
  return z.toJSONSchema(tasksFileSchema, {
    io: "input",
    override({ zodSchema, jsonSchema }) {
      const words = settingWords(zodSchema);
      if (words === undefined) return;
      jsonSchema.description ??= words.description;
      if (words.defaultText !== undefined) delete jsonSchema.default;
    },
  });
}
