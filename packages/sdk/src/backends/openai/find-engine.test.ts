import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { engineFields, findEngine } from "./find-engine.js";

const listOf = (owner: string | null, id = "some-model") => ({ object: "list", data: [{ id, object: "model", owned_by: owner }] });

describe("findEngine", () => {
  it("knows the engines by whom their models are owned", () => {
    const owners = ["vllm", "sglang", "llamacpp", "library", "some-model", "openai", "", null];
    expect(owners.map((owner) => findEngine(listOf(owner)))).toEqual(["vLLM", "SGLang", "llama.cpp", "Ollama", "TGI", null, null, null]);
    for (const list of [null, {}, { data: [] }, { data: "x" }, []]) expect(findEngine(list)).toBeNull();
  });

  it("knows a real vLLM", () => {
    const path = new URL("../../../../protocol/test/fixtures/vllm-0.32.transcripts.json", import.meta.url);
    const schema = z.object({ exchanges: z.array(z.object({ name: z.string(), response: z.object({ body: z.string().nullish() }) })) });
    const models = schema.parse(JSON.parse(readFileSync(path, "utf8"))).exchanges.find(({ name }) => name === "models");
    expect(findEngine(JSON.parse(models?.response.body ?? "null"))).toBe("vLLM");
  });
});

describe("engineFields", () => {
  it("asks for ids where they have to be asked for, and names the sampling where a model's file would", () => {
    expect(engineFields("vLLM")).toEqual({ return_token_ids: true, top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 });
    expect(engineFields("SGLang")).not.toHaveProperty("return_token_ids");
    for (const engine of ["llama.cpp", "Ollama", "TGI", null] as const) expect(engineFields(engine)).toEqual({});
  });
});
