import { type FormEvent, useEffect, useRef, useState } from "react";
import { SecretField } from "../components/secret-field.js";
import { Failure } from "../components/states.js";
import { type AnswerFacts, makeImage, streamChat } from "../data/inference.js";
import { useModels } from "../data/queries.js";
import { useSecret } from "../data/secrets.js";
import { codeSamples } from "./code-samples.js";
import { RequestFacts } from "./request-facts.js";

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "running" | "stopped"; readonly text: string }
  | { readonly kind: "done"; readonly text: string; readonly imageUrl: string | null; readonly facts: AnswerFacts }
  | { readonly kind: "failed"; readonly text: string; readonly error: unknown };

const families: Readonly<Record<string, "chat" | "image">> = { "chat-completions": "chat", "image-generation": "image" };

function Facts({ facts }: { readonly facts: AnswerFacts }) {
  const { firstTokenMs, durationMs, completionTokens, requestId } = facts;
  const rate =
    firstTokenMs === null || completionTokens === null ? null : ((completionTokens - 1) * 1_000) / Math.max(1, durationMs - firstTokenMs);
  const words = [
    ...(firstTokenMs === null ? [] : [`first token after ${firstTokenMs.toFixed(0)} ms`]),
    `${(durationMs / 1_000).toFixed(2)} s in all`,
    ...(completionTokens === null ? [] : [`${completionTokens} tokens`]),
    ...(rate === null || completionTokens === null || completionTokens < 2 ? [] : [`${rate.toFixed(0)} tokens a second`]),
    ...(requestId === null ? [] : [`request ${requestId}`]),
  ];
  return <p className="quiet break">{words.join(" · ")}</p>;
}

function Answer({ state, apiKey }: { readonly state: State; readonly apiKey: string }) {
  if (state.kind === "idle") return <p className="quiet">The answer appears here.</p>;
  const isImage = state.kind === "done" && state.imageUrl !== null;
  return (
    <>
      <div className="answer" aria-live="polite" aria-busy={state.kind === "running"}>
        {isImage ? <img src={state.imageUrl ?? ""} alt={`Picture: ${state.text}`} /> : state.text}
        {state.kind === "running" && <span className="quiet"> …</span>}
      </div>
      {state.kind === "stopped" && <p className="quiet">Stopped. The miner's work was cancelled.</p>}
      {state.kind === "failed" && <Failure error={state.error} missing="There is no such model." />}
      {state.kind === "done" && <Facts facts={state.facts} />}
      {state.kind === "done" && state.facts.requestId !== null && <RequestFacts id={state.facts.requestId} apiKey={apiKey} />}
    </>
  );
}

/** Asks the subnet's models with a key, and shows the same as code. */
export default function PlaygroundPage() {
  const key = useSecret("key");
  const models = useModels(key);
  const usable = (models.data?.data ?? []).filter(({ family }) => families[family] !== undefined);
  const [chosen, setModel] = useState<string | null>(null);
  const [system, setSystem] = useState("");
  const [prompt, setPrompt] = useState("What is the capital of Italy?");
  const [temperature, setTemperature] = useState("0.7");
  const [maxTokens, setMaxTokens] = useState("64");
  const [steps, setSteps] = useState("8");
  const [seed, setSeed] = useState("");
  const [state, setState] = useState<State>({ kind: "idle" });
  const [sample, setSample] = useState(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const model = chosen ?? usable[0]?.id ?? "";
  const isImage = families[usable.find(({ id }) => id === model)?.family ?? ""] === "image";
  const question = {
    model,
    system,
    prompt,
    temperature: Number(temperature),
    maxTokens: Number(maxTokens),
    steps: Number(steps),
    seed: seed === "" ? null : Number(seed),
  };
  const samples = codeSamples(question, new URL("v1", document.baseURI).href, isImage);
  const isRunning = state.kind === "running";

  async function ask(): Promise<void> {
    const asking = new AbortController();
    stop.current = asking;
    const { signal } = asking;
    let text = "";
    setState({ kind: "running", text });
    try {
      if (isImage) {
        const { url, facts } = await makeImage(question, { key, signal });
        setState({ kind: "done", text: prompt, imageUrl: url, facts });
        return;
      }
      const onText = (more: string) => {
        text += more;
        setState({ kind: "running", text });
      };
      const facts = await streamChat(question, { key, signal, onText });
      setState({ kind: "done", text, imageUrl: null, facts });
    } catch (error) {
      setState(signal.aborted ? { kind: "stopped", text } : { kind: "failed", text, error });
    }
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRunning) void ask();
  };

  return (
    <>
      <h1>Playground</h1>
      <section className="panel">
        <SecretField secret="key" />
        {models.isError && <Failure error={models.error} missing="This validator serves no models." />}
      </section>
      <div className="columns">
        <section className="panel">
          <h2>Question</h2>
          <form className="stack" onSubmit={onSubmit}>
            <label>
              Model
              <select value={model} onChange={({ target }) => setModel(target.value)} disabled={usable.length === 0}>
                {usable.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {id} · {name}
                  </option>
                ))}
              </select>
            </label>
            {!isImage && (
              <label>
                System prompt
                <textarea rows={2} value={system} onChange={({ target }) => setSystem(target.value)} />
              </label>
            )}
            <label>
              {isImage ? "What to paint" : "Message"}
              <textarea rows={3} required value={prompt} onChange={({ target }) => setPrompt(target.value)} />
            </label>
            <div className="row">
              {!isImage && (
                <>
                  <label>
                    Temperature
                    <input
                      type="number"
                      min="0"
                      max="2"
                      step="0.1"
                      required
                      value={temperature}
                      onChange={({ target }) => setTemperature(target.value)}
                    />
                  </label>
                  <label>
                    Most tokens
                    <input
                      type="number"
                      min="1"
                      max="100000"
                      step="1"
                      required
                      value={maxTokens}
                      onChange={({ target }) => setMaxTokens(target.value)}
                    />
                  </label>
                </>
              )}
              {isImage && (
                <label>
                  Steps
                  <input
                    type="number"
                    min="1"
                    max="100"
                    step="1"
                    required
                    value={steps}
                    onChange={({ target }) => setSteps(target.value)}
                  />
                </label>
              )}
              <label>
                Seed
                <input
                  type="number"
                  min="0"
                  max="2147483647"
                  step="1"
                  placeholder="any"
                  value={seed}
                  onChange={({ target }) => setSeed(target.value)}
                />
              </label>
            </div>
            <div className="row">
              <button type="submit" className="primary" disabled={key === "" || model === "" || isRunning}>
                Ask
              </button>
              <button type="button" disabled={!isRunning} onClick={() => stop.current?.abort()}>
                Stop
              </button>
            </div>
          </form>
        </section>
        <section className="panel">
          <h2>Answer</h2>
          <Answer state={state} apiKey={key} />
        </section>
      </div>
      <section className="panel">
        <h2>
          The same as code
          <span role="tablist" aria-label="Language">
            {samples.map(({ name }, index) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`tab-${index}`}
                aria-controls="code"
                className="plain"
                aria-selected={index === sample}
                onClick={() => setSample(index)}
              >
                {name}
              </button>
            ))}
          </span>
        </h2>
        <pre id="code" role="tabpanel" aria-labelledby={`tab-${sample}`} tabIndex={0}>
          {samples[sample]?.code}
        </pre>
      </section>
    </>
  );
}
