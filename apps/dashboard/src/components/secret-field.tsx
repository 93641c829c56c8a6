import type { ReactNode } from "react";
import { type Secret, setSecret, useSecret } from "../data/secrets.js";

const labels: Readonly<Record<Secret, ReactNode>> = {
  key: (
    <>
      API key (kept in this tab only; made by the validator's operator, <code>vision-validator keys create</code>)
    </>
  ),
  operator: (
    <>
      Operator's token (kept in this tab only; the validator's setting <code>gateway.operatorToken</code>)
    </>
  ),
};

/** Where the visitor enters a key or the operator's token. */
export function SecretField({ secret }: { readonly secret: Secret }) {
  const text = useSecret(secret);
  return (
    <label>
      {labels[secret]}
      <input
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => setSecret(secret, target.value.trim())}
      />
    </label>
  );
}
