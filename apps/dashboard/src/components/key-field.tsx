import { setKey, useKey } from "../data/key.js";

/** Where the visitor's API key is entered. */
export function KeyField() {
  const key = useKey();
  return (
    <label>
      API key (kept in this tab only; made by the validator's operator, <code>vision-validator keys create</code>)
      <input type="password" autoComplete="off" spellCheck={false} value={key} onChange={({ target }) => setKey(target.value.trim())} />
    </label>
  );
}
