/**
 * Names of OpenTelemetry's conventions for what spans say, as far as they are used here; a test holds them to the official package. What
 * they have no name for begins with `vision.`.
 */
export const spanFacts = {
  httpMethod: "http.request.method",
  httpRoute: "http.route",
  httpStatus: "http.response.status_code",
  serverAddress: "server.address",
  serverPort: "server.port",
  errorType: "error.type",
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  isStream: "gen_ai.request.stream",
  choiceCount: "gen_ai.request.choice.count",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  firstChunkSeconds: "gen_ai.response.time_to_first_chunk",
} as const;
