import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { ApiFailure } from "./data/api.js";
import { takeSecretFromAddress } from "./data/secrets.js";
import "./styles.css";

takeSecretFromAddress();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000, // as long as the validator keeps an answer itself
      retry: (failures, error) => failures < 3 && !(error instanceof ApiFailure && error.status < 500 && error.status !== 429),
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("the document has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
