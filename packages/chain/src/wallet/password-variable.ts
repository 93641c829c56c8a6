import { isUtf8 } from "node:buffer";
import { walletError } from "./wallet-error.js";

/** Environment as a plain record; pass `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable in which btcli keeps the password of a key file: `BT_PW_` and the path, `/` and `.` as `_`, in capitals. */
export function passwordVariableName(path: string): string {
  return `BT_PW_${path.replaceAll("/", "_").replaceAll(".", "_")}`.toUpperCase();
}

/**
 * Password of a key file out of the environment, decoded as btcli encodes it; null when the variable is not set.
 *
 * A value that was not made that way would still decode to some password, and a coldkey under it would be lost: it is refused.
 *
 * @throws {@link VisionError} `WALLET_PASSWORD`, which says how the value is made and does not repeat it.
 */
export function readPasswordVariable(path: string, env: Environment): string | null {
  const name = passwordVariableName(path);
  const value = env[name];
  if (value === undefined) return null;
  const encoded = Buffer.from(value, "base64");
  if (encoded.length === 0 || encoded.toString("base64") !== value) throw unusable(path, "is not in base64");
  const password = xorWithName(encoded, name);
  // Nobody types control characters: whoever put the plain password there gets them instead of it.
  if (!isUtf8(password) || /\p{Cc}/u.test(password.toString("utf8"))) throw unusable(path, "does not decode to a password");
  return password.toString("utf8");
}

/** Value of the variable for a password: base64 of the password XORed with the variable's name. It hides, it does not protect. */
export function encodePasswordVariable(path: string, password: string): string {
  return xorWithName(Buffer.from(password, "utf8"), passwordVariableName(path)).toString("base64");
}

/** XOR over the bytes of the name, which for letters beyond ASCII are not its characters. */
function xorWithName(bytes: Uint8Array, name: string): Buffer {
  const key = Buffer.from(name, "utf8");
  return Buffer.from(bytes.map((byte, index) => byte ^ (key[index % key.length] ?? 0)));
}

function unusable(path: string, reason: string) {
  return walletError("WALLET_PASSWORD", `The value of ${passwordVariableName(path)} ${reason}.`, {
    hint: "It is base64(password XOR name of the variable); `wallet password-variable` makes it.",
    path,
  });
}
