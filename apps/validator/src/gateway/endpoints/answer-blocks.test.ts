import { describe, expect, it } from "@jest/globals";
import type { AnswerPart } from "@vision/protocol";
import { createBlockReader } from "./answer-blocks.js";

const read = (...events: (readonly AnswerPart[])[]) => {
  const reader = createBlockReader((index) => `new_${index}`);
  const steps = [...events.flatMap((parts) => reader.add(parts)), ...reader.close()];
  const told = steps.map((step) => `${step.kind} ${step.block.kind} ${step.block.index}${step.kind === "grow" ? ` ${step.text}` : ""}`);
  return { told, blocks: reader.blocks };
};
const text = (value: string): AnswerPart => ({ kind: "text", text: value });
const piece = (index: number, fields: { name?: string; args?: string; id?: string }): AnswerPart => ({
  kind: "toolCalls",
  calls: [{ index, isNew: fields.name !== undefined, id: fields.id ?? null, name: fields.name ?? null, arguments: fields.args ?? "" }],
});
const token = (value: string) => ({ bytes: null, text: value, logprob: -1 });
const tokens = (...values: string[]): AnswerPart => ({ kind: "tokens", tokens: values.map(token), alternatives: null });

describe("createBlockReader", () => {
  it("opens a block for each stretch of one kind, and says nothing of empty ones", () => {
    expect(read([text("")], [{ kind: "reasoning", text: "Hm" }], [text("a"), text("b")], [{ kind: "refusal", text: "no" }]).told).toEqual([
      ...["open reasoning 0", "grow reasoning 0 Hm", "close reasoning 0"],
      ...["open text 1", "grow text 1 a", "grow text 1 b", "close text 1"],
      ...["open refusal 2", "grow refusal 2 no", "close refusal 2"],
    ]);
  });

  it("keeps calls open to the end: their pieces may come in turns", () => {
    const { told, blocks } = read(
      [text("x")],
      [piece(0, { name: "f", args: "{", id: "a" })],
      [piece(1, { name: "g" })],
      [piece(0, { args: "}" })],
    );
    expect(told).toEqual([
      ...["open text 0", "grow text 0 x", "close text 0"],
      ...["open toolCall 1", "grow toolCall 1 {", "open toolCall 2", "grow toolCall 1 }", "close toolCall 1", "close toolCall 2"],
    ]);
    expect(blocks.map(({ call, text: args }) => [call, args])).toEqual([
      [null, "x"],
      [{ id: "a", name: "f" }, "{}"],
      [{ id: "new_1", name: "g" }, ""],
    ]);
  });

  it("opens a call when its name is there, with what came before", () => {
    expect(read([piece(0, { args: "{" })], [piece(0, { name: "f", args: "}" })]).told).toEqual([
      "open toolCall 0",
      "grow toolCall 0 {}",
      "close toolCall 0",
    ]);
  });

  it("gives tokens to the text that they make, also where a character comes with the last of several", () => {
    const { blocks } = read(
      [tokens("\ufffd"), text("")],
      [tokens("\ufffd"), text("\u{1F600}")],
      [tokens("t"), { kind: "reasoning", text: "t" }],
    );
    expect(blocks.map(({ kind, tokens: own }) => [kind, own.length])).toEqual([
      ["text", 2],
      ["reasoning", 0],
    ]);
  });
});
