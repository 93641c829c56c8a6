/** What can serve the model of a new miner. */
export type BackendKind = {
  /** As `--backend` names it. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** Name in `template/backends` and in `template/tests`. */
  readonly source: "server" | "gguf" | "function" | "embedded";
  readonly test: "server" | "gguf" | "direct";
  /** Where such a server listens when nobody says otherwise. */
  readonly defaultUrl?: string;
  /** Whether the server has names of its own for models, which differ from the tasks'. */
  readonly hasOwnModelNames: boolean;
  readonly defaultTask: string;
  /** Packages besides the SDK, exact versions. */
  readonly dependencies: Readonly<Record<string, string>>;
};

const server = { source: "server", test: "server", defaultTask: "chat-llama-3-1-8b", dependencies: {} } as const;

/** Every kind, in the order in which they are offered. */
export const backendKinds: readonly BackendKind[] = [
  { ...server, name: "vllm", label: "vLLM", defaultUrl: "http://127.0.0.1:8000/v1", hasOwnModelNames: false },
  { ...server, name: "sglang", label: "SGLang", defaultUrl: "http://127.0.0.1:30000/v1", hasOwnModelNames: false },
  { ...server, name: "llama-server", label: "llama.cpp's server", defaultUrl: "http://127.0.0.1:8080/v1", hasOwnModelNames: false },
  { ...server, name: "ollama", label: "Ollama", defaultUrl: "http://127.0.0.1:11434/v1", hasOwnModelNames: true },
  {
    ...server,
    name: "openai",
    label: "another server that speaks OpenAI's API",
    defaultUrl: "http://127.0.0.1:8000/v1",
    hasOwnModelNames: true,
  },
  {
    name: "gguf",
    label: "a GGUF file in the miner's own process (node-llama-cpp)",
    source: "gguf",
    test: "gguf",
    hasOwnModelNames: true,
    defaultTask: "chat-llama-3-1-8b",
    dependencies: { "node-llama-cpp": "3.22.1" },
  },
  {
    name: "function",
    label: "a function of your own",
    source: "function",
    test: "direct",
    hasOwnModelNames: false,
    defaultTask: "chat-llama-3-1-8b",
    dependencies: {},
  },
  {
    name: "embedded",
    label: "the small model inside the SDK, for a first try",
    source: "embedded",
    test: "direct",
    hasOwnModelNames: false,
    defaultTask: "chat-tiny",
    dependencies: {},
  },
];
