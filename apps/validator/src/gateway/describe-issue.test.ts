import { describe, expect, it } from "@jest/globals";
import { type FamilyName, familyNames, getFamily } from "@vision/protocol";
import { z } from "zod";
import { describeIssue } from "./describe-issue.js";
import { messagesRequestSchema } from "./endpoints/messages/request.js";
import { responsesRequestSchema } from "./endpoints/responses/request.js";

const good = { model: "m", messages: [{ role: "user", content: "hi" }] };

function tell(changes: Readonly<Record<string, unknown>>, family: FamilyName = "chat-completions") {
  const body = JSON.parse(JSON.stringify({ ...good, ...changes })) as unknown;
  const parsed = getFamily(family).requestSchema.safeParse(body);
  const [issue] = parsed.success ? [] : parsed.error.issues;
  return issue === undefined ? null : describeIssue(issue, body);
}

describe("describeIssue", () => {
  it("tells what is missing, of the wrong type, out of range or not among the choices, as OpenAI does", () => {
    expect(tell({ messages: undefined })).toEqual({
      code: "missing_required_parameter",
      param: "messages",
      message: "Missing required parameter: 'messages'.",
    });
    expect(tell({ temperature: "hot" })).toMatchObject({
      code: "invalid_type",
      param: "temperature",
      message: "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    });
    expect(tell({ max_tokens: 1.5 })).toMatchObject({
      code: "invalid_type",
      message: "Invalid type for 'max_tokens': expected an integer, but got a decimal instead.",
    });
    const huge = JSON.parse('{"model":"m","prompt":"x","temperature":1e999}') as unknown;
    const [issue] = getFamily("completions").requestSchema.safeParse(huge).error?.issues ?? [];
    if (issue === undefined) throw new Error("it was taken");
    expect(describeIssue(issue, huge).message).toBe(
      "Invalid type for 'temperature': expected a decimal, but got a number that is too large instead.",
    );
    expect(tell({ temperature: 5 })).toMatchObject({
      code: "integer_above_max_value",
      message: "Invalid 'temperature': integer above maximum value. Expected a value <= 2, but got 5 instead.",
    });
    expect(tell({ max_tokens: 0 })).toMatchObject({ code: "integer_below_min_value", param: "max_tokens" });
    expect(tell({ messages: [] })).toMatchObject({
      code: "empty_array",
      message: "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    });
    expect(tell({ messages: [{ role: "boss", content: "hi" }] })).toMatchObject({
      code: "invalid_value",
      param: "messages[0].role",
      message: expect.stringMatching(/^Invalid value: 'boss'\. Supported values are: 'system', /),
    });
  });

  it("names the part that is wrong inside of alternatives", () => {
    expect(tell({ messages: [{ role: "user", content: 7 }] })).toEqual({
      code: "invalid_type",
      param: "messages[0].content",
      message: "Invalid type for 'messages[0].content': expected one of a string or an array, but got an integer instead.",
    });
    expect(tell({ messages: [{ role: "user", content: [{ text: "no type" }] }] })).toMatchObject({
      code: "missing_required_parameter",
      param: "messages[0].content[0].type",
    });
  });

  it("keeps the words of a schema that knows better, and says of no object that it must be one", () => {
    const schema = z.object({ id: z.string().refine(() => false, { error: "only ours" }) });
    const body = { id: "x" };
    const [issue] = schema.safeParse(body).error?.issues ?? [];
    if (issue === undefined) throw new Error("it was taken");
    expect(describeIssue(issue, body)).toEqual({ code: "invalid_value", param: "id", message: "Invalid value for 'id': only ours." });
    const [whole] = schema.safeParse([]).error?.issues ?? [];
    if (whole === undefined) throw new Error("it was taken");
    expect(describeIssue(whole, [])).toMatchObject({ code: "invalid_request", param: null });
  });

  it('regression: a format that does not exist was "expected , but got a string", and a bias for a word was "Invalid key in record"', () => {
    expect(tell({ response_format: { type: "xml" } })).toEqual({
      code: "invalid_value",
      param: "response_format.type",
      message: "Invalid value: 'xml'. Supported values are: 'text', 'json_object', 'json_schema'.",
    });
    expect(tell({ response_format: {} })).toMatchObject({ code: "missing_required_parameter", param: "response_format.type" });
    expect(tell({ logit_bias: { hello: 5 } })).toEqual({
      code: "invalid_value",
      param: "logit_bias.hello",
      message: "Invalid value for 'logit_bias.hello': must map token ids.",
    });
  });

  it('regression: legacy functions were "expected null", and taken in an assistant\'s message; they are unsupported everywhere', () => {
    expect(tell({ functions: [{ name: "f" }] })).toEqual({
      code: "unsupported",
      param: "functions",
      message: "'functions' is not supported: use tools.",
    });
    expect(tell({ function_call: "auto" })).toMatchObject({ code: "unsupported", param: "function_call" });
    const call = { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } };
    expect(tell({ messages: [...good.messages, call] })).toMatchObject({ code: "unsupported", param: "messages[1].function_call" });
    expect(tell({ functions: null, function_call: null, messages: [{ ...call, function_call: null }] })).toBeNull();
  });

  it("regression: echo was \"Invalid value: 'a boolean'\", and a prompt or content that was not there was not said to be missing", () => {
    const told = (changes: object) => tell({ prompt: "once", ...changes }, "completions");
    expect(told({ echo: true })).toEqual({ code: "unsupported", param: "echo", message: "'echo' is not supported." });
    expect(told({ best_of: 3 })).toEqual({ code: "unsupported", param: "best_of", message: "'best_of' is not supported: use n." });
    expect([told({ echo: false, best_of: 1 }), told({ echo: null, best_of: null }), told({})]).toEqual([null, null, null]);
    const missing = (param: string) => ({ code: "missing_required_parameter", param, message: `Missing required parameter: '${param}'.` });
    expect(told({ prompt: undefined })).toEqual(missing("prompt"));
    expect(told({ prompt: null })).toMatchObject({ code: "invalid_value", param: "prompt" });
    expect(tell({ messages: [{ role: "user" }] })).toEqual(missing("messages[0].content"));
    expect(tell({ response_format: { type: 5 } })).toMatchObject({ message: expect.stringMatching(/^Invalid value: '5'\. Supported/) });
  });

  it('regression: a mistake two alternatives deep was "Invalid input" of the whole field', () => {
    const told = (schema: z.ZodType, body: object) => {
      const [issue] = schema.safeParse(body).error?.issues ?? [];
      return issue === undefined ? null : describeIssue(issue, body);
    };
    expect(told(responsesRequestSchema, { model: "m", input: [{ role: "user", content: null }] })).toEqual({
      code: "invalid_type",
      param: "input[0].content",
      message: "Invalid type for 'input[0].content': expected one of a string or an array, but got null instead.",
    });
    const block = { model: "m", max_tokens: 1, messages: [{ role: "user", content: [{}] }] };
    expect(told(messagesRequestSchema, block)).toMatchObject({ code: "missing_required_parameter", param: "messages[0].content[0].type" });
  });

  it("shows no words of the schemas' library, whatever is sent", () => {
    const odd: readonly unknown[] = [null, true, -1, 1.5, "x", [], [null], [{}], [[1]], {}, { a: 1 }, [{ type: "x" }], [{ type: "text" }]];
    const schemas = [responsesRequestSchema, messagesRequestSchema, ...familyNames.map((name) => getFamily(name).requestSchema)];
    let mistakes = 0;
    for (const schema of schemas) {
      const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
      const fields = Object.keys(properties);
      const bodies = fields.flatMap((field) => odd.map((value) => ({ [field]: value })));
      const nested = odd.flatMap((value) => [
        { messages: [{ role: "user", content: value }] },
        { messages: [{ role: "user", content: [{ type: "image_url", image_url: value }] }] },
        { messages: [{ role: "assistant", content: "x", tool_calls: value }] },
        { input: [{ role: "user", content: value }] },
        { tools: [{ type: "function", function: value }] },
        { response_format: value, text: { format: value } },
      ]);
      for (const body of [...bodies, ...nested]) {
        for (const issue of schema.safeParse(body).error?.issues ?? []) {
          mistakes += 1;
          expect(describeIssue(issue, body).message).not.toMatch(/Invalid input|Invalid option|Unrecognized|received|undefined|\[object/);
        }
      }
    }
    expect(mistakes).toBeGreaterThan(1_000);
  });

  it("cuts what a user wrote, and finds an issue of every kind of mistake", () => {
    expect(tell({ messages: [{ role: "x".repeat(5_000), content: "hi" }] })?.message.length).toBeLessThan(300);
    for (const changes of [{ stop: [1] }, { stop: "" }, { user: "x".repeat(600) }, { logit_bias: [] }, { stream: "yes" }, { seed: -1.5 }]) {
      const told = tell(changes);
      if (told !== null) expect(told.param).toMatch(/^[a-z_]+(\[\d+\])?$/);
    }
  });
});
