import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { drawBetween, drawInt, type Random } from "@vision/scoring/probing";
import { generateText, streamText } from "ai";
import OpenAI from "openai";
import type { Corpus } from "./corpus.js";

/** What a script of users has. */
export type Surroundings = {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly corpus: Corpus;
  readonly random: Random;
};

/** One request of a script, so long after the one before it. */
export type Step = { readonly waitMs: number; send(): Promise<unknown> };

/** What one user or program does; what it says next may depend on what it was answered. */
export type Script = (surroundings: Surroundings) => Iterable<Step>;

const second = 1_000;
const think = (random: Random) => drawBetween(random, 8, 90) * second;
const openaiOf = ({ url, key }: Surroundings) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _part of stream);
}

/** A chat window: the whole conversation comes back with every turn, nothing but the stream flag is set. */
function* chatInAWindow(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, model } = surroundings;
  const openai = openaiOf(surroundings);
  const messages: OpenAI.ChatCompletionMessageParam[] = [];
  if (random.next() < 0.5) messages.push({ role: "system", content: "You are a helpful assistant." });
  const turns = drawInt(random, 1, 6);
  for (let turn = 0; turn < turns; turn += 1) {
    const word = corpus.keyword(random);
    const [casual, other] = [word.toLowerCase(), corpus.keyword(random)];
    const said = [
      `whats the difference between ${casual} and ${other}`,
      `can you explain ${word} like im five`,
      `${corpus.sentence(random)} What does that mean?`,
      `ok but why would anyone need ${casual}??`,
      `Write me a short email to my team saying that we will drop ${word} by the end of Q3. Keep it friendly.`,
      `hmm that didnt work. i get "Error: ${word} is not defined"`,
      `Gib mir bitte drei Beispiele für ${word}.`,
      "thanks! and in french?",
    ];
    messages.push({ role: "user", content: said[drawInt(random, 0, said.length - 1)] ?? "" });
    const asked = [...messages];
    yield {
      waitMs: turn === 0 ? 0 : think(random),
      send: async () => {
        let text = "";
        for await (const chunk of await openai.chat.completions.create({ model, messages: asked, stream: true })) {
          text += chunk.choices[0]?.delta.content ?? "";
        }
        messages.push({ role: "assistant", content: text });
      },
    };
  }
}

/** An editor's assistant: code in fences, a long text of instructions that never changes. */
function* askAboutCode(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, model } = surroundings;
  const openai = openaiOf(surroundings);
  const system =
    "You are an expert programming assistant inside an editor.\n- Answer in Markdown.\n- Never invent APIs.\n- If you change code, print the whole function.\n- Be brief.";
  const tasks = [
    "Explain what this does.",
    "Find the bug.",
    "Add types to this.",
    "Write a unit test with jest for:",
    "Refactor without changing behaviour",
  ];
  for (let turn = 0; turn < drawInt(random, 1, 4); turn += 1) {
    const content = `${tasks[drawInt(random, 0, tasks.length - 1)]}\n\n\`\`\`ts\n${corpus.code(random)}\n\`\`\``;
    const body = {
      model,
      temperature: 0.2,
      max_tokens: 2048,
      messages: [
        { role: "system" as const, content: system },
        { role: "user" as const, content },
      ],
    };
    yield {
      waitMs: turn === 0 ? 0 : think(random),
      send: async () => drain(await openai.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } })),
    };
  }
}

/** A search over documents: passages in the prompt, an answer from them. */
function* answerFromDocuments(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, url, key, model } = surroundings;
  const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  for (let turn = 0; turn < drawInt(random, 1, 3); turn += 1) {
    const passages = Array.from({ length: drawInt(random, 2, 5) }, (_, index) => `[${index + 1}] ${corpus.paragraph(random)}`).join("\n\n");
    const prompt = `Context:\n${passages}\n\nQuestion: How does ${corpus.keyword(random)} relate to ${corpus.keyword(random)}?`;
    const system = 'Answer the question using only the context. Cite passages as [n]. If the answer is not there, say "I don\'t know".';
    yield {
      waitMs: turn === 0 ? 0 : think(random),
      send: () => generateText({ model: provider.chat(model), system, prompt, temperature: 0.1, maxOutputTokens: 512, maxRetries: 0 }),
    };
  }
}

/** A program that sorts texts: one after the other at once, a label back. */
function* sortTexts(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, model } = surroundings;
  const openai = openaiOf(surroundings);
  const examples = `Text: "${corpus.sentence(random)}"\nLabel: docs\n\nText: "${corpus.sentence(random)}"\nLabel: question`;
  for (let index = 0; index < drawInt(random, 5, 25); index += 1) {
    const content = `Classify each text as docs, question, bug or other. Reply with the label only.\n\n${examples}\n\nText: "${corpus.sentence(random)}"\nLabel:`;
    const body = { model, temperature: 0, max_tokens: 5, seed: 42, messages: [{ role: "user" as const, content }] };
    yield { waitMs: index === 0 ? 0 : drawBetween(random, 0.2, 2) * second, send: () => openai.chat.completions.create(body) };
  }
}

/** Summaries by the other maker's client. */
function* summarise(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, url, key, model } = surroundings;
  const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  for (let index = 0; index < drawInt(random, 1, 4); index += 1) {
    const text = Array.from({ length: drawInt(random, 2, 8) }, () => corpus.paragraph(random)).join("\n\n");
    const body = {
      model,
      max_tokens: 1024,
      system: "You summarize documents for busy readers.",
      messages: [{ role: "user" as const, content: `Summarize in 3 bullet points:\n\n${text}` }],
    };
    yield { waitMs: index === 0 ? 0 : think(random), send: async () => drain(await anthropic.messages.create({ ...body, stream: true })) };
  }
}

/** Translations as a website streams them; now and then the same again, because somebody reloads the page. */
function* translate(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, url, key, model } = surroundings;
  const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  for (let index = 0; index < drawInt(random, 1, 5); index += 1) {
    const language = ["German", "Spanish", "Japanese", "Brazilian Portuguese"][drawInt(random, 0, 3)];
    const prompt = `Translate to ${language}, keep the tone:\n\n${corpus.sentence(random)}`;
    const send = () => drain(streamText({ model: provider.chat(model), prompt, maxRetries: 0 }).textStream);
    yield { waitMs: index === 0 ? 0 : think(random), send };
    if (random.next() < 0.25) yield { waitMs: drawBetween(random, 2, 6) * second, send };
  }
}

/** Several tries at once, to choose from. */
function* choose(surroundings: Surroundings): Generator<Step> {
  const { corpus, random, model } = surroundings;
  const openai = openaiOf(surroundings);
  const content = `Write a tagline for a product about ${corpus.keyword(random)}. ${corpus.sentence(random)}`;
  const body = { model, temperature: 1.1, top_p: 0.95, max_tokens: 60, messages: [{ role: "user" as const, content }] };
  for (let index = 0; index < 3; index += 1) yield { waitMs: 30, send: () => openai.chat.completions.create(body) };
}

/** Users, and how many of a hundred each of them is. */
export const scripts: readonly (readonly [Script, number])[] = [
  [chatInAWindow, 35],
  [askAboutCode, 15],
  [answerFromDocuments, 12],
  [sortTexts, 5],
  [summarise, 10],
  [translate, 15],
  [choose, 8],
];
