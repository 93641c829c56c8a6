import { type ChatQuestion, chatBody, imageBody } from "../data/inference.js";

/** The visitor's question as code. The key stays out of it: code is copied into files. */
export function codeSamples(
  question: ChatQuestion,
  baseUrl: string,
  isImage: boolean,
): readonly { readonly name: string; readonly code: string }[] {
  const { model, prompt, seed } = question;
  const body = isImage ? imageBody(question) : chatBody(question);
  const path = isImage ? "images/generations" : "chat/completions";
  const json = JSON.stringify(body, null, 2);
  const text = (value: string) => JSON.stringify(value);
  const shell = json.replaceAll("'", `'\\''`);
  const curl = `curl ${isImage ? "" : "-N "}${baseUrl}/${path} \\\n  -H "authorization: Bearer $VISION_API_KEY" \\\n  -H 'content-type: application/json' \\\n  -d '${shell}'`;
  const head = `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: ${text(baseUrl)}, apiKey: process.env.VISION_API_KEY });\n`;
  const openai = isImage
    ? `${head}const image = await client.images.generate(${json});\nconsole.log(image.data?.[0]?.b64_json);`
    : `${head}const stream = await client.chat.completions.create(${json});\nfor await (const event of stream) process.stdout.write(event.choices[0]?.delta?.content ?? "");`;
  const provider = `import { createOpenAICompatible } from "@ai-sdk/openai-compatible";\n`;
  const vision = `const vision = createOpenAICompatible({ name: "vision", baseURL: ${text(baseUrl)}, apiKey: process.env.VISION_API_KEY });\n`;
  const options = [
    `  model: vision(${text(model)}),`,
    ...(question.system === "" ? [] : [`  system: ${text(question.system)},`]),
    `  prompt: ${text(prompt)},`,
    `  temperature: ${question.temperature},`,
    `  maxOutputTokens: ${question.maxTokens},`,
    ...(seed === null ? [] : [`  seed: ${seed},`]),
  ].join("\n");
  const aiSdk = isImage
    ? `${provider}import { experimental_generateImage as generateImage } from "ai";\n\n${vision}const { image } = await generateImage({ model: vision.imageModel(${text(model)}), prompt: ${text(prompt)} });\nconsole.log(image.base64);`
    : `${provider}import { streamText } from "ai";\n\n${vision}const { textStream } = streamText({\n${options}\n});\nfor await (const text of textStream) process.stdout.write(text);`;
  return [
    { name: "curl", code: curl },
    { name: "OpenAI SDK", code: openai },
    { name: "AI SDK", code: aiSdk },
  ];
}
